"""Numbers of people do not come in where everybody reads, nor go out if they are there already."""

import pytest
from msgspec.structs import replace

from adapters.cli.output import put_csv
from adapters.masking import AsItIs
from adapters.web.api import models
from domain.events import MessageParked
from domain.facts import Fact
from domain.ids import AreaPath, NeedId, stream_of
from domain.need_events import NeedStated
from tests.adapters.web.asking import AREA, CLERK, ROADS, SECRET, Web, unit
from tests.golden.events import as_fact

MOBILE, SHOWN = "13812345678", "138****5678"
NEED = {"need": "shade", "title_zh": f"找{MOBILE}", "title_en": "Shade", "area": AREA}
OPERATOR = {"X-Role": "operator", "X-Actor": "op-1"}


def stated_before_scanning(web: Web) -> None:
    """A need with a number in its title, as it lies in a record of an earlier release."""
    event = NeedStated(need=NeedId("old"), area=AreaPath(AREA), title_zh=f"找{MOBILE}", title_en=MOBILE)
    meta = as_fact(event).meta
    fact = Fact(stream_of("need/old"), 1, replace(meta, subject="need/old", rules=1, reads=()), event)
    with web.node.store.writing() as writing:
        writing.record(web.node.store.encode([fact]), {})
    writing.wait()
    web.node.follow()


def test_a_number_in_a_public_title_is_refused_and_nothing_is_lost(web: Web) -> None:
    answer = web.post("/needs", NEED, CLERK)
    assert (answer.status_code, answer.json()["code"]) == (400, "personal_number")
    assert "title_zh" in answer.json()["detail_zh"]
    assert "contact" in answer.json()["detail_en"]
    assert MOBILE not in answer.text
    (parked,) = web.node.store.read_only(MessageParked, 0, 10)
    assert isinstance(parked.fact.event, MessageParked)
    stored = web.node.store.read_stored(parked.position - 1, 1)[0]
    assert MOBILE.encode() not in stored.state
    assert web.node.dead_letters.get(parked.position) is not None


def test_a_title_without_one_is_taken_in(web: Web) -> None:
    assert web.post("/needs", NEED | {"title_zh": "凉亭"}, CLERK).status_code == 201


def test_what_was_recorded_before_is_covered_on_pages_and_over_http(web: Web) -> None:
    stated_before_scanning(web)
    for path in ("/needs", "/needs/old", "/web/needs"):
        for who in (None, CLERK, OPERATOR):
            told = web.get(path, who).text
            assert MOBILE not in told
            assert f"找{SHOWN}" in told


def test_a_providers_contact_is_there_to_be_called(web: Web) -> None:
    changed = web.post(f"/providers/{ROADS}/amend", {"contact": MOBILE}, unit())
    assert changed.status_code == 200, changed.text
    order = web.dispatched()
    web.node.follow()
    assert MOBILE in web.get("/menu", area=AREA).text
    assert MOBILE in web.get(f"/web/orders/{order}").text


def test_who_may_read_a_text_reads_all_of_it(web: Web) -> None:
    order = web.dispatched()
    web.node.follow()
    for path in (f"/orders/{order}", f"/orders/{order}/story"):
        assert "13800000000" in web.get(path, unit()).text
    web.client.post("/web/who", data={"role": "provider", "actor": ROADS})
    assert SECRET in web.get(f"/web/orders/{order}").text


def test_a_table_for_a_spreadsheet_is_covered(capsys: pytest.CaptureFixture[str]) -> None:
    put_csv(["a"], [[f"找{MOBILE}"], [AsItIs(MOBILE)], [12], [None]])
    assert capsys.readouterr().out.splitlines()[1:4] == [f"找{SHOWN}", MOBILE, "12"]


def test_every_answer_covers_its_texts() -> None:
    class Said(models.Out):
        note: str
        code: str

        as_it_is = frozenset({"code"})

    assert Said(note=MOBILE, code=MOBILE).model_dump() == {"note": SHOWN, "code": MOBILE}
    assert models.Texts.as_it_is == frozenset(models.Texts.model_fields)
