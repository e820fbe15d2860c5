"""Who has the database and wants not to be seen: the same bytes in another dress, seals cut to measure."""

import pytest

from adapters.sealed_log import Proofs, SealBroken, SealUnfit
from adapters.sealed_log.checking import PAGE, notes_of
from services.audit.checkpoints import VerifierKey, parse, signed
from tests.contracts.a_sealed_log import FIRST, SEALED, THIRD, Lake
from tests.support.at_the_door import order_id


@pytest.fixture
def lake(lake: Lake) -> Lake:
    lake.sealed_in_steps(*SEALED)
    return lake


# SQLite keeps whatever it is given in any column; PostgreSQL refuses it.
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def told(lake: Lake, *, witness: bool = True) -> list[tuple[str, int | None, int | None]]:
    return [(one.code, one.position, one.until) for one in lake.verdict(witness=witness).flaws]


@on_sqlite
@pytest.mark.parametrize(
    "dress",
    [
        "originator_id = upper(originator_id)",
        "originator_id = '{' || originator_id || '}'",
        "originator_id = CAST(originator_id AS BLOB)",
        "state = CAST(state AS TEXT)",
        "state = CAST(X'ff' AS TEXT)",
        "topic = CAST(topic AS BLOB)",
        "topic = CAST(X'ff' AS TEXT)",
    ],
)
def test_the_same_bytes_in_another_dress_are_an_edit(lake: Lake, dress: str) -> None:
    """Nobody who asks for its stream would find such a fact again."""
    lake.sql(f"UPDATE stored_events SET {dress} WHERE notification_id = 40")  # noqa: S608 - ours
    assert told(lake) == [("event_edited", 40, None)]


@on_sqlite
@pytest.mark.parametrize("value", ["'x'", "10000000000000", "CAST(X'ff' AS TEXT)"])
def test_a_seal_of_another_type_is_told_and_stops_nobody(lake: Lake, value: str) -> None:
    lake.sql(f"UPDATE log_checkpoints SET note = {value} WHERE size = 604")  # noqa: S608 - ours
    assert [one.code for one in lake.verdict().flaws] == ["checkpoint_unreadable"]
    lake.sql(f"UPDATE log_tiles SET positions = {value} WHERE number = 1")  # noqa: S608 - ours
    lake.sql(f"UPDATE log_tiles SET hashes = {value} WHERE level = 1")  # noqa: S608 - ours
    assert told(lake)[1:] == [("tile_missing", 256, 511), ("tile_above", 1, 0)]


def test_events_beside_the_order_of_the_record_are_told(lake: Lake) -> None:
    """Without its keys a table holds two at one place, or one at none, and pages of it pass them over."""
    if lake.url.startswith("sqlite"):
        lake.sql("CREATE TABLE other AS SELECT * FROM stored_events")
        lake.sql("DROP TABLE stored_events")
        lake.sql("ALTER TABLE other RENAME TO stored_events")
    else:
        lake.sql("ALTER TABLE stored_events DROP CONSTRAINT stored_events_pkey")
        lake.sql("DROP INDEX stored_events_notification_id_idx")
        lake.sql("ALTER TABLE stored_events ALTER notification_id DROP NOT NULL")
    for place in ("NULL", str(THIRD)):
        lake.sql(
            "INSERT INTO stored_events (notification_id, originator_id, originator_version, topic, state)"  # noqa: S608 - ours
            f" SELECT {place}, originator_id, originator_version + 7, topic, state FROM stored_events"
            " WHERE notification_id = 40"
        )
    flaws = [one for one in lake.verdict().flaws if one.code == "place_shared"]
    assert [(one.count) for one in flaws] == [2]
    assert PAGE > THIRD  # the double could as well lie across the edge of a page


def test_a_record_that_was_renumbered_whole_is_told_by_its_checkpoints(lake: Lake) -> None:
    """The tiles too; what is signed says where each one ended. Sealing would take everything once more."""
    lake.sql("UPDATE stored_events SET notification_id = -notification_id")
    lake.sql("UPDATE stored_events SET notification_id = 1000 - notification_id")
    for number, positions in lake.sql("SELECT number, positions FROM log_tiles WHERE level = 0"):
        old = bytes(positions)
        places = [int.from_bytes(old[at : at + 8]) + 1000 for at in range(0, len(old), 8)]
        lake.sql(
            "UPDATE log_tiles SET positions = :new, first = :first WHERE level = 0 AND number = :number",
            new=b"".join(one.to_bytes(8) for one in places),
            first=places[0],
            number=number,
        )
    assert told(lake, witness=False) == [("checkpoint_differs", 1, FIRST)]
    assert told(lake) == [("checkpoint_differs", 1, FIRST), ("witness_differs", 1, FIRST)]


def test_checkpoints_taken_away_from_tiles_that_stay_are_missed(lake: Lake) -> None:
    lake.sql("DELETE FROM log_checkpoints WHERE size > :first", first=FIRST)
    assert told(lake, witness=False) == [("checkpoint_missing", FIRST, THIRD - 1)]
    lake.sql("DELETE FROM log_checkpoints")
    assert told(lake, witness=False) == [("checkpoint_missing", 0, THIRD - 1)]


def test_tiles_without_a_checkpoint_are_still_looked_at(lake: Lake) -> None:
    lake.sql("DELETE FROM log_checkpoints")
    lake.sql("DELETE FROM log_tiles WHERE level = 0 AND number = 1")
    lake.sql("UPDATE stored_events SET topic = 'X' WHERE notification_id = 620")
    assert told(lake, witness=False) == [
        ("tile_missing", 256, 511),
        ("event_edited", 620, None),
        ("checkpoint_missing", 0, THIRD - 1),
    ]


@pytest.mark.parametrize("number", [-5, 3, 40, 1 << 40])
def test_a_tile_that_no_checkpoint_covers_is_told(lake: Lake, number: int) -> None:
    lake.sql(
        "INSERT INTO log_tiles (level, number, first, hashes, positions)"
        " SELECT 0, :number, first, hashes, positions FROM log_tiles WHERE level = 0 AND number = 0",
        number=number,
    )
    codes = [one.code for one in lake.verdict(witness=False).flaws]
    assert "checkpoint_missing" in codes


def test_a_checkpoint_filed_under_another_size_is_told(lake: Lake) -> None:
    """Sealing goes on from the largest."""
    lake.sql("UPDATE log_checkpoints SET size = 9999 WHERE size = :first", first=FIRST)
    assert [(one.code, one.size) for one in lake.verdict().flaws] == [("checkpoint_misfiled", 9999)]


def test_a_tile_filed_under_another_place_is_told(lake: Lake) -> None:
    """A receipt is looked for by it."""
    lake.sql("UPDATE log_tiles SET first = 1 WHERE level = 0 AND number = 2")
    assert told(lake) == [("tile_missing", 512, THIRD - 1)]


def test_no_receipt_is_made_for_an_event_that_was_changed(lake: Lake) -> None:
    proofs = Proofs(lake.store, lake.sealed_log)
    assert proofs.of_order(order_id(35))["index"] == 39
    lake.sql("UPDATE stored_events SET topic = 'Another' WHERE notification_id = 40")
    with pytest.raises(SealUnfit):
        proofs.of_order(order_id(35))


def test_no_receipt_is_made_of_bytes_that_are_no_text(lake: Lake) -> None:
    lake.sql("UPDATE stored_events SET state = :junk WHERE notification_id = 40", junk=b"\xff")
    with pytest.raises(SealUnfit):
        Proofs(lake.store, lake.sealed_log).of_order(order_id(35))


def test_a_witness_that_came_by_way_of_windows_or_of_kcat_is_one(lake: Lake) -> None:
    good = lake.witness.read_bytes()
    notes = notes_of(lake.witness)
    for kept in (
        good.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + good,
        b"\n".join([*notes, b""]),
        b"\n\n" + good,
    ):
        lake.witness.write_bytes(kept)
        verdict = lake.verdict()
        assert (verdict.ok, verdict.witnessed) == (True, 3)


def test_of_a_witness_with_a_line_too_many_the_others_still_count(lake: Lake) -> None:
    first, *others = notes_of(lake.witness)
    lake.witness.write_bytes(first + "抄于3月2日\n".encode() + b"".join(others))
    flaws = lake.verdict().flaws
    assert [(one.code, one.size) for one in flaws] == [("witness_unreadable", 2)]
    assert lake.verdict().witnessed == 2


def test_a_witness_of_two_logs_bears_witness_of_ours(lake: Lake) -> None:
    """The other's are signed by another key, or, without any key given, say something else."""
    own = parse(notes_of(lake.witness)[0])
    hill = signed(own, VerifierKey("sidan/hill", lake.key.verifier.public), lake.key.sign)
    lake.witness.write_bytes(hill + lake.witness.read_bytes())
    verdict = lake.verdict()
    assert [one.code for one in verdict.flaws] == ["witness_unsigned"]
    assert verdict.witnessed == 3


@pytest.mark.parametrize(
    "behind", [b"sidan/lake\r\n4\r\n", "抄于3月2日\n".encode(), b"sidan/lake\n" * 9, b"x"]
)
def test_what_somebody_wrote_behind_the_checkpoints_is_not_cut_off(lake: Lake, behind: bytes) -> None:
    for before in (b"", lake.witness.read_bytes()):
        lake.witness.write_bytes(before + behind)
        with pytest.raises(SealBroken) as stopped:
            lake.notary().seal()
        assert stopped.value.code == "witness_foreign"
        assert lake.witness.read_bytes() == before + behind


def test_a_file_of_checkpoints_that_went_by_way_of_windows_is_left_alone(lake: Lake) -> None:
    kept = lake.witness.read_bytes().replace(b"\n", b"\r\n")
    lake.witness.write_bytes(kept)
    with pytest.raises(SealBroken):
        lake.notary().seal()
    assert lake.witness.read_bytes() == kept
