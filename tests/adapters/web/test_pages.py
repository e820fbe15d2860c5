"""The pages without a browser: languages, who sees what, forms that are sent twice, refusals in place."""

import re
from typing import Any

import pytest
from httpx import Response

from adapters.bootstrap import Node
from adapters.web.pages.visitor import CODES, WHO
from domain.events import CommandRepeated
from domain.ids import ProviderId
from domain.proposal import Candidate, Part
from domain.stages import Role
from tests.adapters.web.asking import AREA, CLERK, LAMP, LI, ROADS, SECRET, Web, unit
from tests.support.a_node import ask
from tests.support.an_order import a_proposal

KEY = "4b1f0a4e-6a0e-4c57-9a38-6a3b8f1f2a77"
FORM = {"key": KEY, "area": AREA, "category": LAMP, "details": SECRET}
BOARD_OF: dict[str, str] = {"community": "dongzhou-dispatch-1", "provider": ROADS}


def become(web: Web, role: str) -> None:
    web.client.cookies.set(WHO, f"{role}.{BOARD_OF.get(role, '')}")


def page(web: Web, path: str, status: int = 200, accepted: str = "zh-CN") -> str:
    answer = web.client.get(path, headers={"Accept-Language": accepted})
    assert answer.status_code == status, answer.text
    return answer.text


def send(web: Web, path: str, **form: Any) -> Response:
    return web.client.post(path, data=form)


def arrive(web: Web, answer: Response) -> str:
    assert answer.status_code == 303, answer.text
    return page(web, answer.headers["location"])


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("", "四单看板"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "四单看板"),
        ("en-GB,en", "Four-order board"),
        ("fr", "四单看板"),
    ],
)
def test_a_page_speaks_the_readers_language_chinese_first(web: Web, accepted: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in page(web, "/web/board", accepted=accepted)


def test_a_language_that_was_chosen_stays(web: Web) -> None:
    assert '<html lang="en">' in page(web, "/web/board?lang=en")
    assert '<html lang="en">' in page(web, "/web/follow")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["resident", "community", "provider"])
def test_every_page_can_be_shown(web: Web, role: str, lang: str) -> None:
    orders = [web.placed()["subject"], web.dispatched(), web.accepted(), web.completed()]
    web.done(orders[-1], "rate", {"level": "satisfied"}, LI)
    web.node.follow()
    become(web, role)
    paths = ["board", "board?overdue=true", "list", "desk", "place", f"place?area={AREA}", "follow", "who"]
    paths += [
        f"place?area={AREA}&category={LAMP}",
        *(f"rating?by={by}" for by in ("provider", "category", "area")),
    ]
    for path in paths + [f"orders/{order}" for order in orders]:
        page(web, f"/web/{path}{'&' if '?' in path else '?'}lang={lang}")


def test_what_people_write_is_shown_as_written(web: Web) -> None:
    order = web.placed(details="<script>alert(1)</script>", wanted=ROADS)["subject"]
    web.node.follow()
    become(web, "community")
    html = page(web, f"/web/orders/{order}")
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html


def test_a_resident_places_an_order_and_sees_its_code_once(web: Web) -> None:
    placed = send(web, "/web/place", **FORM)
    shown = arrive(web, placed)
    code = re.search(r'id="code">(\d{6})<', shown)
    assert code is not None
    assert code[1] in web.client.cookies[CODES]
    assert code[1] not in page(web, placed.headers["location"].partition("?")[0])


def test_a_form_sent_twice_is_one_order(web: Web) -> None:
    first, again = send(web, "/web/place", **FORM), send(web, "/web/place", **FORM)
    assert first.headers["location"].partition("&")[0] == again.headers["location"].partition("&")[0]
    web.node.follow()
    assert len(web.get("/orders").json()["orders"]) == 1


def test_the_community_enters_an_order_and_dispatches_it(web: Web) -> None:
    become(web, "community")
    placed = send(web, "/web/place", **FORM, channel="phone", wanted="power")
    html = arrive(web, placed)
    assert 'id="code"' in html
    order = placed.headers["location"].split("/")[3].partition("?")[0]
    assert re.search(rf'value="{ROADS}" required checked', html)  # the one that must; who is wanted cannot
    shown = arrive(web, send(web, f"/web/orders/{order}/dispatch", key="d-1", provider=ROADS))
    assert "区城市道路养护所" in shown
    place, *_ = web.get(f"/orders/{order}/events").json()
    assert (place["meta"]["channel"], place["meta"]["actor"]["role"]) == ("phone", "community")
    assert place["meta"]["on_behalf_of"] == place["data"]["resident"]


def test_a_refusal_shows_where_it_happened(web: Web) -> None:
    order = web.accepted()
    web.node.follow()
    become(web, "community")
    answer = send(web, f"/web/orders/{order}/pool", key="p-1")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "forbidden_step" in answer.text


def test_a_provider_works_at_its_desk(web: Web) -> None:
    order = web.dispatched()
    web.node.follow()
    become(web, "provider")
    assert f"/web/orders/{order}/accept" in page(web, "/web/desk")
    accepted = arrive(web, send(web, f"/web/orders/{order}/accept", key="a-1"))
    assert SECRET in accepted
    done = arrive(web, send(web, f"/web/orders/{order}/complete", key="c-1", result="换了灯"))
    assert "未解决" in done  # the box was not ticked


def test_a_step_sent_twice_is_one_step(web: Web) -> None:
    order = web.dispatched()
    web.node.follow()
    become(web, "provider")
    for _ in range(2):
        arrive(web, send(web, f"/web/orders/{order}/accept", key="a-1"))
    facts = web.node.store.read(0, 100_000)
    (repeat,) = [one.fact.event for one in facts if isinstance(one.fact.event, CommandRepeated)]
    assert repeat.code == "repeated"


def test_only_what_the_provider_could_do_is_offered_to_claim(web: Web) -> None:
    mine, other = web.placed()["subject"], web.placed(category="dogs/stray")["subject"]
    for order in (mine, other):
        web.done(order, "pool", {}, CLERK)
    web.node.follow()
    become(web, "provider")
    desk = page(web, "/web/desk")
    assert (f"/web/orders/{mine}/claim" in desk, f"/web/orders/{other}/claim" in desk) == (True, False)


def test_a_resident_sees_no_more_than_how_a_strangers_order_goes(web: Web) -> None:
    told = web.placed()
    web.node.follow()
    for path in ("/web/board", f"/web/orders/{told['subject']}"):
        html = page(web, path)
        assert SECRET not in html
        assert told["number"][:4] + " " not in html
    assert "unknown_order" in page(web, f"/web/my/{told['subject']}", 404)


def test_a_resident_follows_by_number_and_code_and_rates(web: Web) -> None:
    told = web.placed()
    order = told["subject"]
    for verb, data, who in (
        ("dispatch", {"provider": ROADS}, CLERK),
        ("accept", {"provider": ROADS}, unit()),
        ("complete", {"provider": ROADS, "result": "修好了"}, unit()),
    ):
        web.done(order, verb, data, who)
    web.node.follow()
    assert SECRET in arrive(web, send(web, "/web/follow", number=told["number"], code=told["query_code"]))
    rated = arrive(web, send(web, f"/web/my/{order}/rate", key="r-1", level="dissatisfied", comment="又坏了"))
    assert "不满意" in rated
    last = web.get(f"/orders/{order}/events").json()[-1]
    assert (last["event"], last["data"]["source"], last["data"]["resident"]) == (
        "OrderRated",
        "resident",
        "r-li",
    )


def test_a_wrong_code_opens_nothing(web: Web) -> None:
    told = web.placed()
    web.node.follow()
    wrong = "000000" if told["query_code"] != "000000" else "000001"
    answers = [
        send(web, "/web/follow", number=number, code=wrong) for number in (told["number"], "000000000000")
    ]
    assert {one.status_code for one in answers} == {404}
    assert answers[0].text == answers[1].text
    web.client.cookies.set(CODES, f"{told['subject'].replace('-', '')}.{wrong}")
    page(web, f"/web/my/{told['subject']}", 404)


def test_a_neighbour_seconds_an_order_and_may_rate_it(web: Web) -> None:
    told = web.placed()
    order = told["subject"]
    web.node.follow()
    found = page(web, f"/web/second?number={told['number']}")
    assert f"/web/my/{order}/second" in found
    assert SECRET not in found
    seconded = arrive(web, send(web, f"/web/my/{order}/second", key="s-1"))
    assert "您已附议" in seconded
    assert SECRET not in seconded
    refused = send(web, f"/web/my/{order}/withdraw", key="w-1")
    assert (refused.status_code, "not_yours" in refused.text) == (403, True)


def test_the_board_is_sent_again_only_when_it_changed(web: Web) -> None:
    web.node.follow()
    first = web.client.get("/web/board?fragment=true")
    mark = {"If-None-Match": first.headers["etag"]}
    assert web.client.get("/web/board?fragment=true", headers=mark).status_code in (
        200,
        304,
    )  # a minute may pass
    web.placed()
    web.node.follow()
    changed = web.client.get("/web/board?fragment=true", headers=mark)
    assert changed.status_code == 200
    assert "路灯" in changed.text
    assert "<html" not in changed.text


def test_an_address_of_another_site_is_no_place_to_go_back_to(node: Node, web: Web) -> None:
    answer = web.client.get("/web/login?to=https://evil.example")
    assert 'value="/web/board"' in answer.text


def test_a_page_that_is_not_there_says_so_in_words(web: Web) -> None:
    assert "no_such_page" in page(web, "/web/nothing", 404, "en")
    assert "invalid_parameter" in page(web, "/web/orders/not-an-id", 422)


def test_what_a_cookie_makes_up_counts_as_a_resident(web: Web) -> None:
    order = web.placed()["subject"]
    web.node.follow()
    for said in ("operator.root", "system.x", "community.<b>", "provider"):
        web.client.cookies.set(WHO, said)
        assert "<b>居民</b>" in page(web, "/web/board")
        assert SECRET not in page(web, f"/web/orders/{order}")


def test_staff_may_rate_for_the_resident_they_rang_up(web: Web) -> None:
    order = web.completed()
    web.node.follow()
    become(web, "community")
    arrive(web, send(web, f"/web/orders/{order}/rate", key="r-2", level="satisfied"))
    last = web.get(f"/orders/{order}/events").json()[-1]
    assert (last["meta"]["on_behalf_of"], last["data"]["resident"]) == ("r-li", "r-li")


def test_a_resident_says_how_soon_somebody_has_to_come(web: Web) -> None:
    form = page(web, f"/web/place?area={AREA}&category={LAMP}")
    assert '<option value="call">一键呼叫</option>' in form
    assert "一键呼叫" in arrive(web, send(web, "/web/place", **FORM, urgency="call"))
    assert "缓急" not in arrive(
        web, send(web, "/web/place", **FORM | {"key": KEY[:-1] + "8"}, urgency="normal")
    )


def proposed(web: Web, order: str, winner: str, price: int = 0) -> None:
    """The engine has said, on the record, who should have it."""
    chosen = Candidate(provider=ProviderId(winner), score=900, parts={Part.NEAR: 900}, price=price)
    what = {"category": LAMP, "area": AREA, "winner": winner, "candidates": (chosen,)}
    proposal = a_proposal(ProviderId(winner)).model_copy(update=what)
    data = {"order": order, "proposal": proposal.model_dump(mode="json")}
    assert ask(web.node, "ProposeDispatch", data, Role.SYSTEM, "sidan/auto-dispatch").status == "recorded"
    web.node.follow()


def waiting(web: Web, **data: Any) -> str:
    order: str = web.placed(**data)["subject"]
    web.node.follow()
    become(web, "community")
    return order


def test_each_candidate_has_its_score_in_parts_and_what_was_done_before(web: Web) -> None:
    web.dispatched()
    order = waiting(web)
    html = page(web, f"/web/orders/{order}")
    label = re.search(r'role="img" aria-label="得分 ([0-9,]+)，权责 50,000，经验 ([0-9,]+)，', html)
    assert label is not None
    assert f'aria-hidden="true">{label[1]}<' in html  # beside the bar, for who sees it
    assert 'class="part-evidence"' in html
    assert "最近1件同社区同事项工单中，1件由区城市道路养护所办理。" in html
    assert re.search(rf'value="{ROADS}" required checked class="is-proposed"', html)
    english = page(web, f"/web/orders/{order}?lang=en")
    assert "Of the last 1 order of this item in this community" in english
    assert "duty 50,000, evidence" in english


def test_a_proposal_on_record_is_marked_with_the_price_of_its_room(web: Web) -> None:
    order = waiting(web, category="noise/construction/night")
    html = page(web, f"/web/orders/{order}")
    assert "名额价" not in html
    assert "系统已建议派给" not in html
    lamp = waiting(web)
    proposed(web, lamp, ROADS, price=1234)
    html = page(web, f"/web/orders/{lamp}")
    assert "系统已建议派给 <b>区城市道路养护所</b>" in html
    assert "名额价 1,234" in html


def test_one_who_is_proposed_and_can_no_longer_take_it_is_not_chosen(web: Web) -> None:
    order = waiting(web)
    proposed(web, order, "power")  # which does no street lamps
    html = page(web, f"/web/orders/{order}")
    assert "系统已建议派给 <b>光明供电服务所</b>" in html
    assert re.search(rf'value="{ROADS}" required checked>', html)
    assert 'name="why"' in html


def test_where_the_model_does_not_know_the_order_nobody_is_offered(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = waiting(web)
    monkeypatch.setattr(web.node.matcher, "match", lambda *_: None)
    html = page(web, f"/web/orders/{order}")
    assert "没有合适的接单方" in html
    assert 'name="why"' not in html


def test_who_does_otherwise_says_why_and_staff_read_it(web: Web) -> None:
    order = waiting(web)
    path = f"/web/orders/{order}"
    shown = arrive(web, send(web, f"{path}/dispatch", key="d-1", provider="power", why="路灯班今晚抢险"))
    assert "未按系统建议派给 区城市道路养护所" in shown
    assert "路灯班今晚抢险" in shown
    facts = web.get(f"/orders/{order}/events").json()
    assert facts[-1]["data"]["overruled"] is True
    assert "抢险" not in facts[-1]["data"]["why"]


@pytest.mark.parametrize("role", ["resident", "provider"])
def test_others_do_not_read_what_the_engine_proposed(web: Web, role: str) -> None:
    order = waiting(web)
    send(web, f"/web/orders/{order}/dispatch", key="d-1", provider=ROADS, why="就近")
    web.node.follow()
    assert "按系统建议" in page(web, f"/web/orders/{order}")
    become(web, role)
    html = page(web, f"/web/orders/{order}")
    assert "系统建议" not in html.partition('class="story"')[2].partition("OrderDispatched")[2]
    assert "就近" not in html


def test_staff_of_elsewhere_read_that_it_was_otherwise_and_not_why(web: Web) -> None:
    order = waiting(web)
    send(web, f"/web/orders/{order}/dispatch", key="d-1", provider="power", why="路灯班今晚抢险")
    web.node.follow()
    web.client.cookies.set(WHO, "community.cuihu-dispatch-1")
    html = page(web, f"/web/orders/{order}")
    assert "未按系统建议派给" in html
    assert "抢险" not in html


def test_a_route_that_cannot_be_followed_is_said_on_the_page_and_over_http(web: Web) -> None:
    rules = web.node.rules.model_dump(mode="json")
    rules["routes"] = [{"category": LAMP, "provider": "nobody-at-all"}]
    assert ask(web.node, "AdoptRules", {"rules": rules}, Role.OPERATOR, "op").status == "recorded"
    order = waiting(web)
    page = web.get(f"/web/orders/{order}").text
    assert "指定 nobody-at-all 承办，而它未登记" in page
    assert "is-proposed" not in page  # nobody, not the next best
    proposal = web.get(f"/orders/{order}/candidates").json()["proposal"]
    assert (proposal["winner"], proposal["routed"]) == (None, "nobody-at-all")
    assert proposal["broken"] == "route-provider-unknown"
    assert "nobody-at-all" in proposal["broken_zh"]
    assert "nobody-at-all" in proposal["broken_en"]
