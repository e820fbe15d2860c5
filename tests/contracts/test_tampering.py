"""Whoever has the database changes the record behind our back; the auditor finds it and says where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.keys.files import KeyFiles
from adapters.sealed_log import signing_key
from services.audit.checkpoints import parse, signed
from services.audit.flaws import Flaw
from tests.contracts.a_sealed_log import FIRST, ORIGIN, SEALED, SECOND, THIRD, Lake
from tests.support.at_the_door import order_id


@pytest.fixture
def lake(lake: Lake) -> Lake:
    lake.sealed_in_steps(*SEALED)
    assert lake.verdict().ok
    return lake


def sole(lake: Lake, *, witness: bool = False) -> Flaw:
    flaws = lake.verdict(witness=witness).flaws
    assert len(flaws) == 1, flaws
    assert flaws[0].zh.endswith("。")
    assert flaws[0].en.endswith(".")
    return flaws[0]


def place(number: int) -> str:
    """The order placed at a position of the record, if nothing was changed."""
    return str(order_id(number - 5))


def edit(lake: Lake, position: int, change: Callable[[bytes], bytes]) -> None:
    (found,) = lake.store.read_stored(position - 1, 1)
    lake.sql(
        "UPDATE stored_events SET state = :state WHERE notification_id = :position",
        state=change(found.state),
        position=position,
    )


def data(state: bytes) -> bytes:
    meta, _, body = state.partition(b"\n")
    return meta + b"\n" + body.replace(b"{", b'{"bribed":true,', 1)


def meta(state: bytes) -> bytes:
    return state.replace(b'"actor":{"role":"', b'"actor":{"role":"x', 1)


def copied(lake: Lake, position: int, to: int) -> None:
    """A copy of an event, under a stream of its own, at another place of the record."""
    lake.sql(
        "INSERT INTO stored_events (notification_id, originator_id, originator_version, topic, state)"
        " SELECT :to, originator_id, originator_version + 1000, topic, state FROM stored_events"
        " WHERE notification_id = :position",
        position=position,
        to=to,
    )


def moved(lake: Lake, position: int, to: int) -> None:
    lake.sql("UPDATE stored_events SET notification_id = :to WHERE notification_id = :at", to=to, at=position)


def swap(lake: Lake, one: int, other: int) -> None:
    moved(lake, one, 1_000_000)
    moved(lake, other, one)
    moved(lake, 1_000_000, other)


def sealed_anew(lake: Lake, key: Any = None) -> None:
    """Tiles and checkpoints are made to fit what now lies in the record."""
    notes = [parse(note) for _, note in lake.sealed_log.notes()]
    lake.sql("DELETE FROM log_tiles")
    lake.sql("DELETE FROM log_checkpoints")
    witness, lake.witness = lake.witness, lake.witness.with_name("forged")
    lake.witness.unlink(missing_ok=True)
    lake.notary().seal()
    lake.witness = witness
    if key is None:  # only tiles are doctored: the old checkpoints are put back
        lake.sql("DELETE FROM log_checkpoints")
        for one in notes:
            write_note(lake, one.size, signed(one, lake.key.verifier, lake.key.sign))
    else:
        for size, note in lake.sealed_log.notes():
            lake.sql("DELETE FROM log_checkpoints WHERE size = :size", size=size)
            write_note(lake, size, signed(parse(note), key.verifier, key.sign))


def write_note(lake: Lake, size: int, note: bytes) -> None:
    lake.sql("INSERT INTO log_checkpoints (size, note) VALUES (:size, :note)", size=size, note=note)


@pytest.mark.parametrize("witness", [True, False])
def test_nothing_is_found_in_a_record_that_nobody_changed(lake: Lake, witness: bool) -> None:
    verdict = lake.verdict(witness=witness)
    assert (verdict.ok, verdict.events, verdict.sealed, verdict.checkpoints) == (True, THIRD, THIRD, 3)
    assert verdict.witnessed == (3 if witness else 0)


@pytest.mark.parametrize("change", [data, meta])
@pytest.mark.parametrize("position", [5, 300, THIRD])
def test_an_edited_event_is_named(lake: Lake, change: Callable[[bytes], bytes], position: int) -> None:
    edit(lake, position, change)
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.position) == ("event_edited", position)
    assert (flaw.subject, flaw.version) == (place(position), 1)


@pytest.mark.parametrize(
    ("column", "value"), [("topic", "OrderClosed"), ("originator_version", 9)], ids=["topic", "version"]
)
def test_what_stands_beside_the_state_counts_too(lake: Lake, column: str, value: object) -> None:
    lake.sql(
        "UPDATE stored_events SET COLUMN = :value WHERE notification_id = 40".replace("COLUMN", column),
        value=value,
    )
    assert (sole(lake).code, sole(lake).position) == ("event_edited", 40)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("originator_id", "nobody"),
        ("originator_id", "z" * 32),
        ("originator_version", -1),
        ("originator_version", "first"),
        ("state", "text"),
        ("state", 10**12),
    ],
)
def test_what_no_writer_of_ours_can_have_put_there_is_named(lake: Lake, column: str, value: object) -> None:
    """SQLite takes any value in any column; PostgreSQL refuses most of them."""
    if "postgres" in lake.url and value != -1:
        return
    statement = "UPDATE stored_events SET COLUMN = :value WHERE notification_id = 40"
    lake.sql(statement.replace("COLUMN", column), value=value)
    assert (sole(lake).code, sole(lake).position) == ("event_edited", 40)


def test_an_event_that_no_longer_says_what_it_is_about_is_named_by_its_stream(lake: Lake) -> None:
    edit(lake, 40, lambda _: b"gone")
    assert sole(lake).subject == place(40)


def test_deleted_events_are_named_run_by_run(lake: Lake) -> None:
    lake.sql("DELETE FROM stored_events WHERE notification_id IN (10, 255, 256, 257)")
    flaws = lake.verdict(witness=True).flaws
    assert [(one.code, one.position, one.until, one.count) for one in flaws] == [
        ("event_deleted", 10, 10, 1),
        ("event_deleted", 255, 257, 3),
    ]


def test_an_inserted_event_is_named(lake: Lake) -> None:
    moved(lake, THIRD, THIRD + 7)  # make a gap as a failed insert would leave it
    lake.sql("DELETE FROM log_tiles")
    lake.sql("DELETE FROM log_checkpoints")
    lake.witness.unlink()
    lake.notary().seal()
    copied(lake, 40, THIRD + 3)
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.position) == ("event_inserted", THIRD + 3)
    assert (flaw.subject, flaw.version) == (place(40), 1001)


def test_what_is_put_before_the_first_event_is_named(lake: Lake) -> None:
    copied(lake, 40, -3)
    copied(lake, 41, 0)
    flaws = lake.verdict().flaws
    assert [(one.code, one.position) for one in flaws] == [("event_inserted", -3), ("event_inserted", 0)]


def test_swapped_events_are_both_named_with_where_they_went(lake: Lake) -> None:
    swap(lake, 20, 400)
    flaws = lake.verdict(witness=True).flaws
    assert [(one.code, one.position, one.until, one.subject) for one in flaws] == [
        ("event_reordered", 20, 400, place(20)),
        ("event_reordered", 400, 20, place(400)),
    ]


def test_an_event_moved_behind_everything_is_deleted_where_it_was(lake: Lake) -> None:
    """What lies behind is not sealed yet, so it is an event like any new one."""
    moved(lake, 20, THIRD + 50)
    verdict = lake.verdict()
    assert [(one.code, one.position) for one in verdict.flaws] == [("event_deleted", 20)]
    assert "unsealed_tail" in [one.code for one in verdict.limits]


def test_a_record_that_was_cut_off_is_told_from_where(lake: Lake) -> None:
    lake.sql("DELETE FROM stored_events WHERE notification_id > 600")
    flaw = sole(lake)
    assert (flaw.code, flaw.position, flaw.until, flaw.count) == ("events_truncated", 601, THIRD, 24)


def test_a_record_that_is_empty_is_told(lake: Lake) -> None:
    lake.sql("DELETE FROM stored_events")
    assert (sole(lake).code, sole(lake).count) == ("events_truncated", THIRD)


@pytest.mark.parametrize("witness", [True, False])
def test_doctored_tiles_are_found_between_two_checkpoints(lake: Lake, witness: bool) -> None:
    edit(lake, 450, data)
    sealed_anew(lake)
    flaws = lake.verdict(witness=witness).flaws
    told = [(one.code, one.size, one.position, one.until) for one in flaws]
    assert told[0] == ("checkpoint_differs", SECOND, FIRST + 1, SECOND)
    assert told[1:] == ([("witness_differs", SECOND, FIRST + 1, SECOND)] if witness else [])


def test_a_deleted_event_with_doctored_tiles_is_found_too(lake: Lake) -> None:
    lake.sql("DELETE FROM stored_events WHERE notification_id = 450")
    sealed_anew(lake)
    flaw = sole(lake)
    assert (flaw.code, flaw.size, flaw.position) == ("checkpoint_differs", SECOND, FIRST + 1)


def test_tiles_doctored_without_the_record_are_told_from_it(lake: Lake) -> None:
    hashes = lake.sql("SELECT hashes FROM log_tiles WHERE level = 0 AND number = 1")[0][0]
    lake.sql(
        "UPDATE log_tiles SET hashes = :hashes WHERE level = 0 AND number = 1",
        hashes=bytes(hashes)[: 32 * 9] + bytes(32) + bytes(hashes)[32 * 10 :],
    )
    flaws = lake.verdict(witness=True).flaws
    assert [(one.code, one.position) for one in flaws] == [("tiles_differ", 265), ("tile_above", 1)]


@pytest.mark.parametrize("spoilt", [b"", bytes(33), bytes(32)])
def test_a_torn_tile_is_told_and_the_record_still_checked(lake: Lake, spoilt: bytes) -> None:
    lake.sql("UPDATE log_tiles SET hashes = :spoilt WHERE level = 0 AND number = 1", spoilt=spoilt)
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.position, flaw.until) == ("tile_missing", 256, 511)
    edit(lake, 300, data)
    assert lake.codes() == ["tile_missing", "checkpoint_differs", "tile_above"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_tile_is_told(lake: Lake, number: int) -> None:
    lake.sql("DELETE FROM log_tiles WHERE level = 0 AND number = :number", number=number)
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.position) == ("tile_missing", number * 256)


def test_a_last_tile_that_was_cut_short_is_told(lake: Lake) -> None:
    for column in ("hashes", "positions"):
        cut = "UPDATE log_tiles SET COLUMN = substr(COLUMN, 1, :kept) WHERE level = 0 AND number = 2"
        lake.sql(cut.replace("COLUMN", column), kept=10 * (32 if column == "hashes" else 8))
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.position, flaw.until) == ("tile_missing", 522, THIRD - 1)


def test_a_tile_above_the_leaves_is_held_against_them(lake: Lake) -> None:
    lake.sql("UPDATE log_tiles SET hashes = :spoilt WHERE level = 1", spoilt=bytes(64))
    assert (sole(lake).code, sole(lake).position, sole(lake).until) == ("tile_above", 1, 0)


def test_a_checkpoint_signed_by_another_key_is_told(lake: Lake, tmp_path: Path) -> None:
    """Whoever has the database but not the key; and no witness is needed for it."""
    edit(lake, 450, data)
    sealed_anew(lake, signing_key(KeyFiles(tmp_path / "forger.keys"), ORIGIN))
    assert lake.codes() == ["checkpoint_unsigned"]
    assert lake.codes(witness=True) == ["checkpoint_unsigned", "witness_differs"]


def test_who_has_the_key_is_found_out_by_a_witness_only(lake: Lake) -> None:
    edit(lake, 450, data)
    sealed_anew(lake, lake.key)
    assert lake.verdict(witness=False).ok
    assert "no_witness" in [one.code for one in lake.verdict(witness=False).limits]
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.size, flaw.position, flaw.until) == ("witness_differs", SECOND, FIRST + 1, SECOND)


@pytest.mark.parametrize("note", [b"", b"x", b"\xff"])
def test_a_checkpoint_that_cannot_be_read_is_told(lake: Lake, note: bytes) -> None:
    lake.sql("UPDATE log_checkpoints SET note = :note WHERE size = :size", note=note, size=FIRST)
    assert (sole(lake, witness=True).code, sole(lake).size) == ("checkpoint_unreadable", FIRST)


def test_a_checkpoint_of_more_than_there_is_is_told(lake: Lake) -> None:
    lake.sql("DELETE FROM stored_events WHERE notification_id > :first", first=FIRST)
    lake.sql("DELETE FROM log_tiles WHERE level = 0 AND number > 1")
    flaw = next(one for one in lake.verdict().flaws if one.code == "checkpoint_ahead")
    assert flaw.position == FIRST


def test_a_database_put_back_to_an_old_copy_is_found_by_a_witness_only(lake: Lake) -> None:
    """As a copy of the whole database, taken after the first checkpoint, would be."""
    lake.sql("DELETE FROM stored_events WHERE notification_id > :first", first=FIRST)
    lake.sql("DELETE FROM log_checkpoints WHERE size > :first", first=FIRST)
    rolled_back(lake)
    assert lake.verdict(witness=False).ok
    flaw = sole(lake, witness=True)
    assert (flaw.code, flaw.size, flaw.count, flaw.position) == ("witness_ahead", SECOND, FIRST, FIRST)
    lake.place(400)  # and lived on
    assert lake.codes(witness=True) == ["witness_differs"]


def rolled_back(lake: Lake) -> None:
    """Tiles as they were when there was one checkpoint."""
    (note,) = lake.sql("SELECT note FROM log_checkpoints")
    lake.sql("DELETE FROM log_tiles")
    lake.sql("DELETE FROM log_checkpoints")
    witness, lake.witness = lake.witness, lake.witness.with_name("as it was")
    lake.notary().seal()
    lake.witness = witness
    lake.sql("UPDATE log_checkpoints SET note = :note", note=bytes(note[0]))


def test_a_seal_that_is_gone_is_made_up_for_by_a_witness(lake: Lake) -> None:
    lake.sql("DELETE FROM log_tiles")
    lake.sql("DELETE FROM log_checkpoints")
    verdict = lake.verdict()
    assert (verdict.ok, verdict.sealed, verdict.witnessed) == (True, 0, 3)
    edit(lake, 450, data)
    assert lake.codes() == []
    assert lake.codes(witness=True) == ["witness_differs"]


def test_a_forged_witness_is_told(lake: Lake) -> None:
    forger = Ed25519PrivateKey.generate()
    note = signed(parse(lake.sealed_log.notes()[0][1]), lake.key.verifier, forger.sign)
    lake.witness.write_bytes(note + b"nonsense\n\nnonsense\n")
    assert lake.codes(witness=True) == ["witness_unsigned", "witness_unreadable"]


def test_without_a_key_signatures_are_not_checked_and_that_is_said(lake: Lake, tmp_path: Path) -> None:
    sealed_anew(lake, signing_key(KeyFiles(tmp_path / "forger.keys"), ORIGIN))
    verdict = lake.verdict(keys=[])
    assert verdict.ok
    assert "no_key" in [one.code for one in verdict.limits]


def test_a_key_of_former_days_counts_beside_the_present_one(lake: Lake) -> None:
    former = lake.key.verifier
    lake.keys.path("signing.key").unlink()
    lake.sealed_in_steps(3)
    assert lake.codes().count("checkpoint_unsigned") == 3
    assert lake.verdict(keys=[former, lake.key.verifier]).ok


def test_what_cannot_be_proven_is_said(lake: Lake) -> None:
    lake.place(2)
    told = {one.code: one.en for one in lake.verdict(witness=False).limits}
    assert set(told) == {"unsealed_tail", "no_witness", "collusion"}
    assert "last 2 events" in told["unsealed_tail"]
    lake.witness.write_bytes(lake.sealed_log.notes()[0][1])
    told = {one.code: one.en for one in lake.verdict().limits}
    assert set(told) == {"unsealed_tail", "witness_ends", "collusion"}


def test_of_thousands_of_wrong_events_a_thousand_are_named(lake: Lake) -> None:
    lake.sealed_in_steps(600)
    lake.sql("UPDATE stored_events SET topic = 'X'")
    verdict = lake.verdict()
    assert (len(verdict.flaws), verdict.unnamed) == (1000, 224)
