"""Checkpoints go to their topic, where no database reaches, and an auditor takes them for a witness."""

import subprocess
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from shutil import which
from threading import Event
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from structlog.testing import capture_logs

from adapters.bus.checkpoints import published, publisher
from adapters.roles import ROLES, process, seal, serving, together
from adapters.sealed_log.checking import Checking, notes_of
from adapters.sealed_log.notary import SENT
from tests.support.a_bus import BusTown, a_bus_town, register
from tests.support.waiting import eventually, running


@pytest.fixture
def town(kafka: str, postgres_url: str, tmp_path: Path) -> Any:
    places = {"keys": str(tmp_path / "keys"), "checkpoints": str(tmp_path / "checkpoints")}
    with a_bus_town(kafka, postgres_url, seal_seconds=0, **places) as town:
        yield town


def sealer(town: BusTown) -> Any:
    return running(lambda stop: seal(town.node, stop))


def test_what_is_recorded_is_sealed_and_published_while_the_role_runs(town: BusTown) -> None:
    town.found()
    with sealer(town):
        eventually(lambda: town.node.store.positions().get(SENT) == town.node.store.head())
    notes = published(town.settings)
    assert notes == [note for _, note in town.node.sealed_log.notes()]
    assert notes == notes_of(town.settings.checkpoints_file)
    assert town.heard(town.topics.checkpoints)[0].key == "sidan/" + town.node.rules.town


def test_what_kcat_reads_from_the_topic_is_a_witness(town: BusTown, kafka: str, tmp_path: Path) -> None:
    """It puts an empty line behind each; where it is not at hand the test does."""
    town.found()
    with sealer(town):
        eventually(lambda: town.node.store.positions().get(SENT) == town.node.store.head())
        town.ask(register("parks", takes_by_bus=False))
        eventually(lambda: len(town.node.sealed_log.notes()) > 1)
        eventually(lambda: town.node.store.positions().get(SENT) == town.node.store.head())
    asked = ["kcat", "-b", kafka, "-C", "-t", town.topics.checkpoints, "-e", "-q"]
    printed = (
        subprocess.run(asked, capture_output=True, check=True).stdout
        if which("kcat")
        else b"".join(note + b"\n" for note in published(town.settings))
    )
    file = tmp_path / "kept.checkpoints"
    file.write_bytes(printed)
    notes = notes_of(file)
    assert notes == [note for _, note in town.node.sealed_log.notes()]
    assert len(notes) > 1
    key = town.node.notary()._key.verifier
    assert all(is_a_note_of_c2sp(note, key.text) for note in notes)
    verdict = Checking(town.node.store, town.node.sealed_log, [key], notes).run()
    assert (verdict.ok, verdict.witnessed) == (True, len(notes))


def is_a_note_of_c2sp(note: bytes, vkey: str) -> bool:
    """As c2sp.org/signed-note and tlog-checkpoint have it, with nothing of ours."""
    name, key_id, encoded = vkey.split("+", 2)
    body, _, signatures = note.decode().partition("\n\n")
    origin, size, root = body.split("\n")[:3]
    (line,) = signatures.splitlines()
    dash, signer, signature = line.split(" ")
    raw, public = b64decode(signature, validate=True), b64decode(encoded, validate=True)
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], f"{body}\n".encode())
    assert raw[:4].hex() == key_id == sha256(f"{name}\n".encode() + public).hexdigest()[:8]
    return (dash, signer, origin, str(int(size)), len(b64decode(root))) == ("—", name, name, size, 32)


def test_what_others_put_on_the_topic_is_told_and_stops_nobody(town: BusTown, kafka: str) -> None:
    town.found()
    town.node.notary(publisher(town.settings, "sidan/test")).seal()
    producer = Producer({"bootstrap.servers": kafka})
    for value in (None, b"", b"nonsense"):
        producer.produce(town.topics.checkpoints, value=value, key=b"x")
    producer.flush()
    found = Checking(town.node.store, town.node.sealed_log, [], published(town.settings)).run()
    assert [flaw.code for flaw in found.flaws] == ["witness_unreadable"] * 3


def test_an_empty_topic_witnesses_nothing(town: BusTown) -> None:
    assert published(town.settings) == []


def test_the_topic_finds_out_who_rewrote_all_else(town: BusTown, postgres_url: str, tmp_path: Path) -> None:
    """Record, seal, signature and file, key in hand; the topic is not theirs to write."""
    town.found()
    town.node.notary(publisher(town.settings, "sidan/test")).seal()
    with psycopg.connect(postgres_url) as database:
        database.execute("UPDATE stored_events SET state = state || ' '::bytea WHERE notification_id = 2")
        database.execute("DELETE FROM log_tiles")
        database.execute("DELETE FROM log_checkpoints")
    town.settings.checkpoints_file.unlink()
    town.node.notary().seal()
    own = notes_of(town.settings.checkpoints_file)
    key = town.node.notary()._key.verifier
    assert Checking(town.node.store, town.node.sealed_log, [key], own).run().ok
    found = Checking(town.node.store, town.node.sealed_log, [key], published(town.settings)).run()
    assert [flaw.code for flaw in found.flaws] == ["witness_differs"]


def test_what_was_tampered_with_is_left_alone_until_somebody_looks(town: BusTown, postgres_url: str) -> None:
    """The others go on; the log says what to do."""
    town.found()
    town.node.notary(publisher(town.settings, "sidan/test")).seal()
    with psycopg.connect(postgres_url) as database:
        database.execute("UPDATE log_tiles SET hashes = sha256(hashes)")
    town.ask(register("parks", takes_by_bus=False))
    stop = Event()
    with capture_logs() as logged, running(lambda stop: seal(town.node, stop)):
        eventually(lambda: any(one["event"] == "seal.broken" for one in logged))
    (told, *_) = [one for one in logged if one["event"] == "seal.broken"]
    assert told["code"] == "seal_tiles"
    assert "sidan audit verify" in told["error"]
    assert not stop.is_set()


def test_the_process_managers_and_the_sealer_run_together(town: BusTown) -> None:
    assert together("process") == [process, seal]
    assert together("relay") == [ROLES["relay"]]
    assert serving(town.node) == [*ROLES.values(), seal]
