"""The record is sealed in order, once, whatever comes in between."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.sealed_log import SealBroken, SealedLog, proves
from adapters.store.event_store import EventStore
from services.audit.checkpoints import each, opened, parse
from services.audit.merkle import includes, inclusion, root_of
from services.audit.tiles import WIDTH
from services.audit.verifying import leaf_of
from services.handling import Handler
from tests.contracts.a_sealed_log import NOON, Lake


def leaves(lake: Lake) -> list[bytes]:
    return [leaf_of(one) for one in lake.store.read_stored(0, 100_000)]


def test_what_is_sealed_is_the_tree_of_all_events_in_order(lake: Lake) -> None:
    lake.place(700)
    last = lake.notary().seal()
    assert last is not None
    assert (last.size, last.position) == (len(leaves(lake)), lake.store.head())
    assert last.root == root_of(leaves(lake))
    assert (last.origin, last.time) == ("sidan/lake", NOON)


def test_an_empty_record_has_nothing_to_seal(store_url: str, tmp_path: Path, store: EventStore) -> None:
    lake = Lake(store_url, tmp_path, store, Handler(store))
    assert lake.notary().seal() is None
    assert lake.notary().run_once() == 0
    assert lake.verdict().ok
    lake.close()


def test_it_is_sealed_after_so_many_events_or_so_many_seconds(lake: Lake) -> None:
    notary = lake.notary(events=10, seconds=60)
    assert notary.run_once() == 0  # the town's first four events
    lake.later(59)
    assert notary.run_once() == 0
    lake.later(1)
    assert notary.run_once() == 4
    lake.place(9)
    assert notary.run_once() == 0
    lake.place(1)
    assert notary.run_once() == 10
    assert notary.run_once() == 0
    assert [size for size, _ in lake.sealed_log.notes()] == [4, 14]


def test_a_waiting_event_waits_no_longer_because_others_were_sealed(lake: Lake) -> None:
    notary = lake.notary(events=5, seconds=60)
    lake.place(5)
    assert notary.run_once() == 9
    lake.place(1)
    assert notary.run_once() == 0
    lake.later(60)
    assert notary.run_once() == 1


def test_every_checkpoint_is_signed_and_in_the_witness_file(lake: Lake) -> None:
    lake.sealed_in_steps(3, 300, 5)
    written = list(each(lake.witness.read_bytes()))
    assert written == [note for _, note in lake.sealed_log.notes()]
    assert [opened(note, lake.key.verifier, proves).size for note in written] == [7, 307, 312]


def test_the_public_key_lies_beside_the_private_one(lake: Lake) -> None:
    text = lake.keys.path("signing.pub").read_text() if lake.key else ""
    assert text == f"{lake.key.verifier.text}\n"
    assert lake.keys.path("signing.key").stat().st_mode & 0o077 == 0


def test_a_key_that_was_replaced_replaces_its_public_half(lake: Lake) -> None:
    before = lake.key.verifier
    lake.keys.path("signing.key").unlink()
    assert lake.key.verifier != before
    assert lake.keys.path("signing.pub").read_text() == f"{lake.key.verifier.text}\n"


def test_what_a_crash_kept_from_file_and_topic_is_made_up_for(lake: Lake) -> None:
    lake.sealed_in_steps(1, 1, 1)
    notes = [note for _, note in lake.sealed_log.notes()]
    lake.witness.write_bytes(notes[0] + notes[1][:30])  # it died while writing
    sent: list[bytes] = []
    lake.notary(publish=sent.extend).run_once()
    assert list(each(lake.witness.read_bytes())) == notes
    assert sent == notes
    lake.notary(publish=sent.extend).run_once()
    assert sent == notes


def test_a_first_checkpoint_that_was_torn_is_written_anew(lake: Lake) -> None:
    lake.sealed_in_steps(1)
    note = lake.witness.read_bytes()
    for torn in (note[:9], note[:-40], b"sidan/" + bytes(1000)):
        lake.witness.write_bytes(torn)
        lake.notary().run_once()
        assert lake.witness.read_bytes() == note


def test_a_topic_that_was_away_gets_what_it_missed(lake: Lake) -> None:
    def away(notes: Sequence[bytes]) -> None:
        raise ConnectionError

    lake.place()
    with pytest.raises(ConnectionError):
        lake.notary(publish=away).seal()
    sent: list[bytes] = []
    lake.notary(publish=sent.extend).run_once()
    assert sent == [note for _, note in lake.sealed_log.notes()]


def test_two_who_seal_at_once_seal_once(lake: Lake) -> None:
    one, other = lake.notary(seconds=0), lake.notary(seconds=0)
    other.run_once()
    lake.place(300)
    stale = one._sealed_log.last()
    assert one.run_once() == 300
    assert other._seal(stale) == 0  # it read what the other had sealed meanwhile
    assert other.run_once() == 0
    assert lake.verdict().ok
    assert list(each(lake.witness.read_bytes())) == [note for _, note in lake.sealed_log.notes()]


def test_who_has_read_less_takes_nothing_back_where_a_tile_ended(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a tile the hashes that are too many would give it away; here nothing would."""
    one, other = lake.notary(seconds=0), lake.notary(seconds=0)
    lake.place(WIDTH - 4)
    assert other.run_once() == WIDTH
    stale = lake.sealed_log.last()
    lake.place(1)
    less = lake.store.read_stored(WIDTH, 10)
    lake.place(1)
    assert one.run_once() == 2
    with monkeypatch.context() as reading:
        reading.setattr(lake.store, "read_stored", lambda *_: less)
        assert other._seal(stale) == 0
    assert lake.verdict().ok


def test_a_transaction_that_fails_leaves_nothing_half_sealed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.sealed_in_steps(3)
    lake.place(300)

    def fails(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("adapters.sealed_log.notary.write_checkpoint", fails)
        with pytest.raises(ConnectionError):
            lake.notary().seal()
    lake.notary().seal()
    assert lake.verdict().ok


def test_facts_that_this_release_cannot_decode_are_sealed_like_others(lake: Lake) -> None:
    lake.place()
    lake.sql("UPDATE stored_events SET topic = 'OfALaterRelease' WHERE notification_id = 5")
    lake.notary().seal()
    assert lake.verdict().ok


def test_each_event_is_found_by_its_place_and_proven(lake: Lake) -> None:
    lake.place(600)
    lake.sql("DELETE FROM stored_events WHERE notification_id = 300")  # a gap, as a failed insert leaves it
    last = lake.notary().seal()
    assert last is not None
    tree = lake.sealed_log.tree()
    stored = lake.store.read_stored(0, 1000)
    for index in (0, 255, 256, 299, 300, len(stored) - 1):
        assert lake.sealed_log.index_of(stored[index].id) == index
        path = inclusion(index, last.size, tree.subtree)
        assert includes(last.root, last.size, index, leaf_of(stored[index]), path)
    assert lake.sealed_log.index_of(300) is None
    assert lake.sealed_log.index_of(stored[-1].id + 1) is None
    assert lake.sealed_log.index_of(0) is None


def test_a_hundred_million_events_are_few_rows(lake: Lake) -> None:
    lake.place(1020)
    lake.notary().seal()
    assert lake.levels() == {0: 4, 1: 1}


@pytest.mark.parametrize("column", ["hashes", "positions"])
def test_nothing_is_signed_on_top_of_tiles_that_were_changed(lake: Lake, column: str) -> None:
    lake.sealed_in_steps(3)
    lake.sql("UPDATE log_tiles SET COLUMN = :spoilt".replace("COLUMN", column), spoilt=bytes(32 * 7))
    lake.place()
    with pytest.raises(SealBroken) as told:
        lake.notary().seal()
    assert told.value.code == "seal_tiles"


def test_nothing_is_signed_on_top_of_a_checkpoint_that_cannot_be_read(lake: Lake) -> None:
    lake.sealed_in_steps(3)
    lake.sql("UPDATE log_checkpoints SET note = :spoilt", spoilt=b"x")
    lake.place()
    with pytest.raises(SealBroken) as told:
        lake.notary().seal()
    assert told.value.code == "seal_unreadable"


def test_an_older_copy_of_the_record_is_not_signed_on(lake: Lake) -> None:
    """The witness file knows better, even when as much has come in again."""
    lake.sealed_in_steps(3, 3)
    lake.sql("DELETE FROM log_checkpoints WHERE size > 7")
    lake.sql("DELETE FROM log_tiles")
    with pytest.raises(SealBroken) as told:
        lake.notary().seal()
    assert told.value.code == "seal_rolled_back"


def test_another_history_of_the_same_length_is_not_signed_on(lake: Lake, tmp_path: Path) -> None:
    lake.sealed_in_steps(3)
    other = parse(lake.witness.read_bytes())
    lake.sql("DELETE FROM log_checkpoints")
    lake.sql("DELETE FROM log_tiles")
    lake.sql("UPDATE stored_events SET topic = 'Another' WHERE notification_id = 5")
    kept = lake.witness.rename(tmp_path / "kept")
    lake.notary().seal()
    kept.rename(lake.witness)
    lake.place()
    with pytest.raises(SealBroken) as told:
        lake.notary().seal()
    assert told.value.code == "seal_forked"
    assert other.size == 7


def test_a_file_that_is_something_else_is_left_alone(lake: Lake) -> None:
    lake.witness.write_text("居民名单")
    with pytest.raises(SealBroken) as told:
        lake.notary().seal()
    assert told.value.code == "witness_foreign"
    assert lake.witness.read_text() == "居民名单"


@pytest.mark.postgres
def test_postgresql_does_not_try_to_compress_where_leaves_lie(postgres_url: str) -> None:
    """It is slower at it than at all else that sealing asks of it."""
    sealed = SealedLog(postgres_url)
    sealed.create()
    stored = text(
        "SELECT attstorage FROM pg_attribute WHERE attrelid = 'log_tiles'::regclass AND attname = 'positions'"
    )
    with sealed.reading() as connection:
        assert connection.scalar(stored) == "e"
    sealed.close()
