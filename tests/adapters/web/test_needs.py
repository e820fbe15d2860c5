"""The needs list over HTTP and on its page: who may state, take up and read what."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.adapters.web.asking import AREA, CLERK, LI, ROADS, Web, unit
from tests.adapters.web.test_pages import arrive, become, page, send

OPERATOR = {"X-Role": "operator", "X-Actor": "op-1"}
SHADE: dict[str, Any] = {"need": "shade", "title_zh": "遮阳棚", "title_en": "A shelter", "area": AREA}
HALL: dict[str, Any] = {**SHADE, "need": "hall", "title_zh": "活动场地", "title_en": "A hall"}
NOTE = "联系王工 13900000000"


def done(web: Web, path: str, data: Any, who: Mapping[str, str], status: int = 200) -> dict[str, Any]:
    answer = web.post(path, data, who)
    assert answer.status_code == status, answer.text
    web.node.follow()
    return answer.json()


@pytest.fixture
def stated(web: Web) -> Web:
    """The community needs a shelter, the road unit a hall and gives material for the shelter."""
    done(web, "/needs", SHADE | {"takers_wanted": 2}, CLERK, 201)
    done(web, "/needs", HALL | {"provider": ROADS}, unit(), 201)
    done(web, "/needs/shade/take-up", {"provider": ROADS, "note": NOTE}, unit())
    return web


def test_a_need_goes_from_its_stating_to_its_closing(stated: Web) -> None:
    steps = (
        ("amend", {"takers_wanted": 3}, CLERK, "NeedAmended"),
        ("let-go", {"provider": ROADS}, unit(), "NeedLetGo"),
        ("close", {"reason": "已建成"}, CLERK, "NeedClosed"),
    )
    for verb, data, who, event in steps:
        told = done(stated, f"/needs/shade/{verb}", data, who)
        assert (told["events"], told["subject"]) == ([event], "need/shade")
    found = stated.get("/needs/shade").json()
    assert (found["stage"], found["takers_wanted"], found["takers"]) == ("closed", 3, [])


@pytest.mark.parametrize(
    ("path", "data", "who", "answer"),
    [
        ("/needs", SHADE, LI, (403, "wrong_role")),
        ("/needs", SHADE, CLERK, (409, "need_exists")),
        ("/needs/shade/take-up", {"provider": "power"}, unit(), (403, "not_yours")),
        ("/needs/shade/take-up", {}, CLERK, (409, "own_need")),
        ("/needs/hall/close", {}, unit("power"), (403, "not_yours")),
        ("/needs/nothing/take-up", {}, CLERK, (404, "unknown_need")),
        ("/needs/shade/amend", {"until": "2020-01-01T00:00:00Z"}, CLERK, (422, "until_past")),
        ("/needs/shade/amend", {"until": "soon"}, CLERK, (400, "invalid_field")),
    ],
)
def test_what_may_not_be_is_a_problem_with_its_code(
    stated: Web, path: str, data: Any, who: Mapping[str, str], answer: tuple[int, str]
) -> None:
    said = stated.post(path, data, who)
    assert (said.status_code, said.json()["code"]) == answer, said.text


def test_the_list_is_open_to_all_and_filtered(stated: Web) -> None:
    def found(**query: Any) -> list[str]:
        return [one["need"] for one in stated.get("/needs", LI, **query).json()["needs"]]

    assert found() == ["hall", "shade"]
    assert found(side="community") == found(taker=ROADS) == ["shade"]
    assert found(owner=ROADS) == ["hall"]
    assert found(area="gm-street") == ["hall", "shade"]
    assert found(category="facilities") == []
    done(stated, "/needs/shade/close", {}, CLERK)
    assert found() == ["hall"]
    assert found(all=True) == ["hall", "shade"]
    first = stated.get("/needs", LI, all=True, limit=1).json()
    assert found(all=True, cursor=first["next"]) == ["shade"]


def test_what_a_provider_could_take_up_is_listed_for_it(stated: Web) -> None:
    mine = stated.get(f"/providers/{ROADS}/needs").json()["needs"]
    theirs = stated.get("/providers/power/needs").json()["needs"]
    assert ([one["need"] for one in mine], [one["need"] for one in theirs]) == ([], ["hall", "shade"])


def test_a_need_that_nobody_stated_is_not_found(web: Web) -> None:
    answer = web.get("/needs/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_need")


ELSEWHERE = {"X-Role": "community", "X-Actor": "cuihu-dispatch-1"}


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        (CLERK, True),
        (OPERATOR, True),
        (unit(), True),
        (ELSEWHERE, False),
        (unit("power"), False),
        (LI, False),
        ({}, False),
    ],
)
def test_a_takers_note_is_opened_by_right(stated: Web, who: Mapping[str, str], reads: bool) -> None:
    (taker,) = stated.get("/needs/shade", who).json()["takers"]
    assert (taker["provider"], taker["note"]) == (ROADS, NOTE if reads else None)


def test_whose_need_it_is_reads_all_notes_and_a_taker_only_its_own(stated: Web) -> None:
    done(stated, "/needs/hall/take-up", {"note": "社区礼堂"}, CLERK)
    done(stated, "/needs/hall/take-up", {"provider": "power", "note": "三楼"}, unit("power"))

    def notes(who: Mapping[str, str]) -> list[str | None]:
        return [one["note"] for one in stated.get("/needs/hall", who).json()["takers"]]

    assert notes(unit()) == ["社区礼堂", "三楼"]
    assert notes(unit("power")) == [None, "三楼"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["resident", "community", "provider"])
def test_the_page_shows_both_lists_to_everybody(stated: Web, role: str, lang: str) -> None:
    become(stated, role)
    html = page(stated, f"/web/needs?lang={lang}")
    for words in {"zh": ("社区需要", "单位需要", "遮阳棚"), "en": ("A shelter", "A hall")}[lang]:
        assert words in html
    assert (NOTE in html) is (role != "resident")
    assert ('action="/web/needs/' in html) is (role != "resident")
    assert 'href="/web/needs" aria-current="page"' in html


def test_a_provider_takes_up_a_need_from_the_page_and_lets_go_of_it(web: Web) -> None:
    done(web, "/needs", SHADE, CLERK, 201)
    become(web, "provider")
    assert "/web/needs/shade/take-up" in page(web, "/web/needs")
    taken = arrive(web, send(web, "/web/needs/shade/take-up", key="t-1", note=NOTE))
    assert NOTE in taken
    assert "/web/needs/shade/take-up" not in taken
    assert "/web/needs/shade/let-go" in taken
    assert "/web/needs/shade/close" not in taken  # it is not its own
    assert NOTE not in arrive(web, send(web, "/web/needs/shade/let-go", key="l-1"))


def test_needs_are_stated_amended_and_closed_from_the_page(web: Web) -> None:
    become(web, "community")
    form = {"title_zh": "遮阳棚", "area": AREA, "takers_wanted": "2", "until": "2099-06-30"}
    stated = send(web, "/web/needs", key="4b1f0a4e-6a0e-4c57-9a38-6a3b8f1f2a77", **form)
    shown = arrive(web, stated)
    assert "遮阳棚" in shown
    assert "2099年6月30日" in shown
    (need,) = web.get("/needs").json()["needs"]
    assert (need["title_en"], need["takers_wanted"], need["owner"]) == ("遮阳棚", 2, None)
    assert need["until"] == "2099-06-30T15:59:59.999999Z"
    arrive(web, send(web, f"/web/needs/{need['need']}/amend", key="a-1", title_en="A shelter"))
    assert web.get("/needs").json()["needs"][0]["title_en"] == "A shelter"
    assert "遮阳棚" not in arrive(
        web, send(web, f"/web/needs/{need['need']}/close", key="c-1", reason="建成")
    )


def test_a_form_sent_twice_is_one_need(web: Web) -> None:
    become(web, "provider")
    form = {"key": "4b1f0a4e-6a0e-4c57-9a38-6a3b8f1f2a77", "title_zh": "活动场地", "area": AREA}
    for _ in range(2):
        assert send(web, "/web/needs", **form).status_code == 303
    web.node.follow()
    (need,) = web.get("/needs").json()["needs"]
    assert need["owner"] == ROADS


def test_a_refusal_shows_on_the_page_of_needs(stated: Web) -> None:
    become(stated, "community")
    answer = send(stated, "/web/needs/shade/take-up", key="t-2")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "own_need" in answer.text
    assert "not_cloudevent" not in answer.text
    assert send(stated, "/web/needs", key="s-2", title_zh="?", area=AREA, until="soon").status_code == 400


def test_a_step_that_needs_do_not_have_is_no_page(stated: Web) -> None:
    become(stated, "community")
    assert send(stated, "/web/needs/shade/explode", key="x-1").status_code == 404


def test_the_page_is_filtered_by_area_and_by_what_one_could_take_up(stated: Web) -> None:
    assert "遮阳棚" in page(stated, "/web/needs?area=gm-street")
    assert "遮阳棚" not in page(stated, "/web/needs?area=gm-street/fenghuang")
    become(stated, "provider")
    assert "遮阳棚" not in page(stated, "/web/needs?to_take_up=true")  # taken up already
