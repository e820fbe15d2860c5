"""What is no command comes out as unreadable, with its code and nothing in clear, and never as an error."""

import base64
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.envelope import KEPT_BYTES, MAX_BYTES, PARK_CODES, Decoder, Door
from adapters.keys.owner import Owner
from adapters.store.wire import encode
from domain.commands import COMMANDS, PlaceOrder
from domain.facts import CommandKey
from domain.sealed import Sealer
from domain.stages import Role
from services.deciding import Deciding
from services.requests import Request, Unreadable
from tests.adapters.decoded import (
    DECODER,
    ENVELOPE,
    IMPORTS,
    PLACING,
    RESIDENTS,
    SEALER,
    binary,
    decode,
    parked,
    read,
    structured,
)
from tests.support.a_town import EAST, WATER
from tests.support.an_order import ORDER, OTHER
from tests.support.one_key import OneKey

# What cannot be read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x9d",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"[" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"details":"\\ud800"}',
        b'{"details":"\xed\xa0\x80"}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\x00"}',
        b'{"specversion":"1.0","data":[]}',
        b'{"specversion":"1.0","data":"text"}',
        b'{"specversion":"1.0","data":null}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    kept = parked(decode(body, ENVELOPE), "unreadable")
    assert kept.size == len(body)
    assert base64.b64decode(SEALER.open(kept.body)) == body


@pytest.mark.parametrize(
    "attributes",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 65},
        {"id": 5},
        {"id": "a\0b"},
        {"id": "a\nb"},
        {"id": "\ud800"},
        {"source": None},
        {"source": "x" * 201},
        {"source": "app\0"},
        {"type": None},
        {"actor": None},
        {"actor": "x" * 65},
        {"actor": "\x1b[2J"},
        {"onbehalfof": ""},
        {"correlationid": "a\0"},
        {"specversion": "0.3"},
        {"role": "mayor"},
        {"channel": "pigeon"},
        {"subject": 5},
    ],
    ids=repr,
)
def test_an_envelope_that_is_none_is_parked(attributes: dict[str, Any]) -> None:
    unfit = parked(binary(**attributes), "not_cloudevent")
    assert next(iter(attributes)) in unfit.reason_en
    json.dumps(unfit.asked.key.id).encode()
    assert len(unfit.asked.key.id) <= 64


@pytest.mark.parametrize("junk", [10**4000, {"name": "李"}, ["李"], True, 1.5, None])
def test_what_is_no_text_stands_for_nothing(junk: object) -> None:
    body = b'{"specversion":"1.0","id":%s,"source":%s,"actor":%s}'
    text = json.dumps(junk).encode() if not isinstance(junk, int) or junk is True else b"1" + b"0" * 4000
    unfit = parked(decode(body % (text, text, text)), "not_cloudevent")
    assert unfit.asked.key == CommandKey("sidan.residents", "sidan.residents[0]@7")
    assert unfit.asked.actor.id == "unknown"


def test_an_unknown_type_is_named_if_it_can_be() -> None:
    assert "PlaceEverything" in parked(binary(type="PlaceEverything"), "unknown_type").reason_en
    for odd in ("李阿姨 13800138000", "a\0b", "x" * 10_000, "domain.commands:PlaceOrder"):
        assert odd not in parked(binary(type=odd), "unknown_type").reason_en


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"area": EAST, "details": "x"}, "category: Field required"),
        ({**PLACING, "details": ""}, "details"),
        ({**PLACING, "details": " \n"}, "details"),
        ({**PLACING, "details": "x" * 4001}, "details"),
        ({**PLACING, "details": 5}, "details"),
        ({**PLACING, "contact": "a\0b"}, "NUL"),
        ({**PLACING, "a\0b": 1}, "NUL"),
        ({**PLACING, "contact": [["\0"]]}, "NUL"),
        ({**PLACING, "category": "人民路"}, "category"),
        ({**PLACING, "order": "13800138000"}, "order: Input should be a valid UUID"),
        ({**PLACING, "order": None}, "order"),
        ({**PLACING, "wanted": "x" * 49}, "wanted"),
        ({**PLACING, "wanted_at": "2026-03-02T09:00:00"}, "wanted_at"),
        ({**PLACING, "detials": "typo"}, "detials: Extra inputs are not permitted"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_field_that_does_not_fit_is_named(data: dict[str, Any], said: str) -> None:
    assert said in parked(binary(data, subject=None), "invalid_field").reason_en


def test_why_a_field_does_not_fit_is_said_in_both_languages() -> None:
    answer = parked(binary({"area": EAST, "details": ""}, subject=None), "invalid_field")
    assert answer.reason_zh == "字段不对：category：缺少此项；details：不合要求，请更正后用新编号重发。"
    assert answer.reason_en == (
        "A field does not fit: category: Field required; details: needs some text;"
        " correct it and send it with a new id."
    )


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert read(binary(b'{"category":"a","area":"b","details":"C:\\\\u0000"}'))


def test_of_a_key_given_twice_the_last_counts() -> None:
    request = read(binary(b'{"category":"a","category":"b","area":"c","details":"x"}'))
    assert isinstance(request.command, PlaceOrder)
    assert request.command.category == "b"


def test_the_subject_and_the_content_are_of_one_mind() -> None:
    assert read(binary({**PLACING, "order": str(ORDER)}))
    assert str(OTHER) in parked(binary({**PLACING, "order": str(OTHER)}), "subject_mismatch").reason_en
    parked(binary({"provider": WATER}, type="AcceptOrder", subject=f"provider/{WATER}"), "invalid_field")
    parked(binary(PLACING, subject="x" * 100_000), "invalid_field")
    for spelled in (str(ORDER).upper(), ORDER.hex, f"{{{ORDER}}}"):
        parked(binary(PLACING, subject=spelled), "subject_mismatch")
    as_long_as_an_order = f"provider/{'w' * (len(str(ORDER)) - len('provider/'))}"
    parked(
        binary({"provider": WATER, "capacity": 1}, type="ChangeCapacity", subject=as_long_as_an_order),
        "subject_mismatch",
    )


def test_an_order_cannot_be_placed_on_the_streams_of_others() -> None:
    for taken in ("6f1c52f0-5a2e-5d0e-9d5b-0f9b1f6f8a51", "019cac2e-f380-8000-8000-000000000001"):
        parked(binary(subject=taken), "invalid_field")


def test_too_much_is_kept_as_size_digest_and_beginning() -> None:
    body = json.dumps({**PLACING, "details": "长" * 10_000_000}, ensure_ascii=False).encode()
    kept = parked(decode(body, ENVELOPE), "too_large")
    assert kept.size == len(body) > 10_000_000
    assert base64.b64decode(SEALER.open(kept.body)) == body[:KEPT_BYTES]
    assert kept.asked.key == CommandKey("app/li", "a-1")


def test_just_not_too_much_is_read() -> None:
    padded = json.dumps(PLACING).encode().ljust(MAX_BYTES)
    assert read(decode(padded, ENVELOPE))
    parked(decode(padded + b" ", ENVELOPE), "too_large")


def test_every_code_has_been_met() -> None:
    assert {
        "too_large",
        "unreadable",
        "not_cloudevent",
        "unknown_type",
        "invalid_field",
        "subject_mismatch",
        "personal_number",
        "personal_id",
    } == PARK_CODES


# Ids that say whose they are

ON_AN_ID: Final = [
    {"id": "13812345678"},
    {"id": "hotline/tel13812345678/1"},
    {"source": "来电+8613812345678"},
    {"actor": "１３８１２３４５６７８"},
    {"onbehalfof": "11010519491231002X"},
    {"correlationid": "call_13812345678"},
]


@pytest.mark.parametrize("ids", ON_AN_ID, ids=lambda ids: next(iter(ids)))
def test_an_id_that_is_somebodys_number_is_refused_and_nowhere_in_clear(ids: dict[str, str]) -> None:
    answer = parked(structured(door=RESIDENTS, **ids), "personal_id")
    deciding = Deciding({}, {})
    deciding.take(answer)
    for fact in deciding.drafts[0].facts:
        assert next(iter(ids.values())) not in encode(fact).decode()
    assert next(iter(ids)) in answer.reason_en


@pytest.mark.parametrize("name", ["provider", "need", "volunteer", "person"])
def test_nor_may_a_code_that_somebody_chose_for_another_be_one(name: str) -> None:
    parked(binary({**PLACING, name: "13812345678"}, door=RESIDENTS), "personal_id")


def test_whose_letter_it_is_is_not_noted_by_such_an_id() -> None:
    owners: list[Owner] = []

    class Noting:
        def sealers(self, wanted: Collection[Owner], /) -> Mapping[Owner, Sealer]:
            owners.extend(wanted)
            return OneKey(b"x").sealers(wanted)

    said = {"id": "a", "source": "b", "type": "PlaceOrder", "actor": "13812345678"}
    Decoder(Noting(), b"x").decode(b"{", said, RESIDENTS, datetime.now(UTC), "x[0]@1")
    assert [one.person for one in owners] == [""]


def test_who_had_such_an_id_before_can_be_forgotten() -> None:
    asked = {"person": "13812345678", "reason": "asked"}
    erase = {"type": "ErasePerson", "subject": "person/13812345678", "actor": "op", "role": "operator"}
    assert read(binary(asked, door=IMPORTS, **erase))


def test_a_person_is_not_named_by_the_reason() -> None:
    named = {"person": "李桂芬", "reason": "asked"}
    odd = binary(named, door=IMPORTS, type="ErasePerson", subject="person/r-li", role="operator")
    answer = parked(odd, "subject_mismatch")
    assert "李桂芬" not in answer.reason_zh + answer.reason_en


def test_what_the_engine_answers_with_an_id_of_before_is_read() -> None:
    door = Door("sidan.system", Role.SYSTEM, trusted_time=True)
    assert read(binary(door=door, correlationid="13812345678"))


# Nothing clear in any fact, no error out of any bytes

PERSONAL: Final = "李阿姨 13800138000"


@pytest.mark.parametrize(
    "answer",
    [
        binary({**PLACING, "details": PERSONAL}),
        binary({**PLACING, "details": PERSONAL}, role="community"),
        binary({**PLACING, "details": PERSONAL, PERSONAL: 1}),
        binary({**PLACING, "details": PERSONAL, "order": PERSONAL}),
        binary({**PLACING, "category": PERSONAL}),
        binary({**PLACING, "wanted_at": PERSONAL}),
        binary({"order": str(ORDER), "level": PERSONAL}, type="RateOrder"),
        binary({"order": str(ORDER), "reason": [PERSONAL]}, type="WithdrawOrder"),
        binary(type=PERSONAL),
        binary(subject=PERSONAL),
        binary(time=PERSONAL),
        decode(PERSONAL.encode(), ENVELOPE),
        decode({"specversion": "1.0", "id": {"name": PERSONAL}, "data": PLACING}),
    ],
)
def test_no_fact_holds_what_was_written_in_clear(answer: Request | Unreadable) -> None:
    deciding = Deciding({}, {})
    deciding.take(answer)
    for fact in deciding.drafts[0].facts:
        state = encode(fact).decode()
        assert "李阿姨" not in state
        assert "13800138000" not in state
        assert "李" not in state


ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*COMMANDS, *Role]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS: Final = st.sampled_from(
    sorted(
        {name for command in COMMANDS.values() for name in command.model_fields} | {*ENVELOPE, "data", "role"}
    )
)
NEARLY: Final = st.builds(
    lambda envelope, data: {**ENVELOPE, **envelope, "data": data},
    st.dictionaries(st.sampled_from([*ENVELOPE, "role", "channel", "onbehalfof"]), ANYTHING, max_size=2)
    | st.fixed_dictionaries({"type": st.sampled_from(sorted(COMMANDS))}),
    st.dictionaries(FIELDS, ANYTHING, max_size=5) | ANYTHING,
)


def goes_through(body: bytes, headers: Mapping[str, Any]) -> None:
    """Decoded, decided and written, whatever it is."""
    for door in (RESIDENTS, IMPORTS, Door("http", Role.COMMUNITY, structured=False)):
        deciding = Deciding({}, {})
        deciding.take(DECODER.decode(body, headers, door, datetime.now(UTC), "x[0]@1"))
        for fact in deciding.drafts[0].facts:
            assert b"\n" in encode(fact)


@settings(max_examples=150, deadline=None)
@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value, default=str).encode()), st.data())
def test_no_bytes_and_no_headers_raise(body: bytes, data: st.DataObject) -> None:
    headers = data.draw(st.dictionaries(FIELDS, st.text(st.characters()) | ANYTHING, max_size=8))
    goes_through(body, headers)


@settings(max_examples=300, deadline=None)
@given(NEARLY)
def test_nothing_that_is_nearly_right_raises(event: dict[str, Any]) -> None:
    goes_through(json.dumps(event).encode("utf-8", "surrogatepass"), {})
