"""The four orders in a real browser: placed and dispatched, accepted and done, followed and rated."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.a_node import node_of
from tests.support.a_site import served
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.journey]

ROADS: Final = "roads"
AREA: Final = "gm-street/dongzhou/mudun"


@dataclass(frozen=True)
class Said:
    """What the pages say in one language."""

    lang: str
    board: str
    columns: tuple[str, str, str, str]
    dispatch: str
    accept: str
    complete: str
    bad: str
    rate: str


SAID: Final = {
    "zh": Said("zh", "四单看板", ("点单", "派单", "接单", "评单"), "派单", "接单", "办结", "不满意", "评单"),
    "en": Said(
        "en",
        "Four-order board",
        ("Ordered", "Dispatched", "In hand", "Rated"),
        "Dispatch",
        "Accept",
        "Complete",
        "dissatisfied",
        "Rate",
    ),
}


@pytest.fixture
def site(founded: Path, tmp_path: Path) -> Iterator[str]:
    with node_of(founded, tmp_path) as node, served(node) as address:
        yield address


def look(page: Page, name: str) -> None:
    """Keep a picture, where somebody wants to look at them."""
    folder = os.environ.get("SIDAN_TEST_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def become(page: Page, site: str, role: str, actor: str) -> None:
    page.goto(f"{site}/web/who")
    form = page.locator(f"form#{role}")
    form.locator("select").select_option(actor)
    form.locator("button").click()


def column(page: Page, title: str) -> str:
    """The count over a column of the board."""
    heading = page.locator(".column").filter(has=page.get_by_role("heading", name=title, exact=True))
    return heading.locator(".count").inner_text()


def on_the_board(page: Page, site: str, said: Said) -> list[str]:
    page.goto(f"{site}/web/board")
    expect(page.get_by_role("heading", name=said.board)).to_be_visible()
    return [column(page, title) for title in said.columns]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_order_goes_through_the_four_orders(browser_page: Page, site: str, lang: str) -> None:
    page, said = browser_page, SAID[lang]
    page.goto(f"{site}/web/board?lang={lang}")
    assert on_the_board(page, site, said) == ["0", "0", "0", "0"]
    order, number, code = _placed_by_the_community(page, site)
    assert on_the_board(page, site, said) == ["1", "0", "0", "0"]
    look(page, f"board-{lang}")
    page.goto(f"{site}/web/orders/{order}")
    expect(page.locator("input[name=provider]").first).to_be_checked()  # the best candidate, with reasons
    expect(page.locator(".candidates label").first).to_contain_text("·")
    look(page, f"dispatch-{lang}")
    page.get_by_role("button", name=said.dispatch, exact=True).click()
    assert on_the_board(page, site, said) == ["0", "1", "0", "0"]
    _done_by_the_provider(page, site, said)
    assert on_the_board(page, site, said) == ["0", "0", "0", "1"]
    _rated_by_the_resident(page, site, said, number, code)
    look(page, f"rated-{lang}")
    page.goto(f"{site}/web/rating")
    expect(page.locator("tfoot")).to_contain_text("0/1")  # none of one rating is satisfied
    look(page, f"ratings-{lang}")


def _placed_by_the_community(page: Page, site: str) -> tuple[str, str, str]:
    become(page, site, "community", "dongzhou-dispatch-1")
    page.goto(f"{site}/web/place")
    page.locator("select[name=area]").select_option(AREA)
    page.locator("form button").click()
    page.locator("details", has=page.locator("a[href$='facilities/lights/street']")).locator(
        "summary"
    ).click()
    page.locator("a[href$='facilities/lights/street']").click()
    page.locator("[name=details]").fill("三栋门口的路灯不亮 <b>请尽快</b>")
    page.locator("[name=contact]").fill("13800000000")
    page.locator("[name=channel]").select_option("phone")
    page.locator("form button").click()
    expect(page.locator(".texts")).to_contain_text("<b>请尽快</b>")
    number = page.locator("#number").inner_text()
    return page.url.partition("?")[0].rpartition("/")[2], number, page.locator("#code").inner_text()


def _done_by_the_provider(page: Page, site: str, said: Said) -> None:
    become(page, site, "provider", ROADS)
    expect(page.locator(".card")).to_contain_text("东周社区" if said.lang == "zh" else "Dongzhou")
    page.get_by_role("button", name=said.accept, exact=True).click()
    page.locator("[name=result]").fill("换了灯泡")
    assert on_the_board(page, site, said) == ["0", "0", "1", "0"]
    page.locator(".column-accepted .card a").click()
    page.locator("[name=result]").fill("换了灯泡")
    look(page, f"provider-{said.lang}")
    page.get_by_role("button", name=said.complete, exact=True).click()
    expect(page.locator(".story li").last).to_contain_text("换了灯泡")


def _rated_by_the_resident(page: Page, site: str, said: Said, number: str, code: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/web/follow?lang={said.lang}")
    page.locator("form[method=post] [name=number]").fill(number)
    page.locator("[name=code]").fill(code)
    page.locator("form[method=post] button").click()
    expect(page.locator(".story")).to_contain_text("换了灯泡")
    look(page, f"resident-{said.lang}")
    page.get_by_label(said.bad, exact=True).check()
    page.get_by_role("button", name=said.rate, exact=True).click()
    expect(page.locator(".story li").last).to_contain_text(said.bad)


def test_a_need_is_stated_and_taken_up_by_the_other_side(browser_page: Page, site: str) -> None:
    page = browser_page
    become(page, site, "community", "dongzhou-dispatch-1")
    page.goto(f"{site}/web/needs?lang=zh")
    form = page.locator("#state form")
    form.locator("[name=title_zh]").fill("长者饭堂周末帮厨")
    form.locator("select[name=area]").select_option("gm-street/dongzhou")
    form.locator("[name=takers_wanted]").fill("2")
    form.locator("button").click()
    expect(page.locator(".need")).to_contain_text("还需 2 方")
    become(page, site, "provider", "middle-school")
    page.goto(f"{site}/web/needs")
    page.locator(".need summary").click()
    page.locator("[name=note]").fill("每周六15名学生")
    page.locator(".need").get_by_role("button", name="认领", exact=True).click()
    expect(page.locator(".takers")).to_contain_text("东周中学")
    expect(page.locator(".takers")).to_contain_text("每周六15名学生")
    expect(page.locator(".need")).to_contain_text("还需 1 方")
    look(page, "needs")


def test_the_board_changes_while_one_looks(browser_page: Page, site: str) -> None:
    page = browser_page
    page.goto(f"{site}/web/board")
    expect(page.locator(".column-placed .count")).to_have_text("0")
    page.wait_for_timeout(3500)  # until it has asked once
    data = {"category": "facilities/lights/street", "area": AREA, "details": "灯不亮"}
    page.request.post(f"{site}/orders", data=data, headers={"X-Role": "resident", "X-Actor": "r-li"})
    expect(page.locator(".column-placed .count")).to_have_text("1")


def test_everything_works_without_scripts_and_on_a_phone(browser_page: Page, site: str) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    phone = browser.new_context(
        locale="zh-CN", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = phone.new_page()
    page.set_default_timeout(10_000)
    order, _, _ = _placed_by_the_community(page, site)
    page.goto(f"{site}/web/orders/{order}")
    page.get_by_role("button", name="派单", exact=True).click()
    expect(page.locator(".story li").last).to_contain_text("派单")
    for path in ("board", "rating", "place", "who", "follow", "needs", "check", f"orders/{order}"):
        page.goto(f"{site}/web/{path}")
        width: int = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} wide"
    phone.close()


NIGHT: Final = "noise/construction/night"
TEAM: Final = "urban-management"


def _placed_over_http(page: Page, site: str) -> str:
    data = {"category": NIGHT, "area": AREA, "details": "半夜还在施工"}
    who = {"X-Role": "resident", "X-Actor": "r-li"}
    placed = page.request.post(f"{site}/orders", data=data, headers=who).json()
    answer = page.request.get(f"{site}/orders/{placed['subject']}?after={placed['after']}")
    assert answer.ok, answer.text()
    return placed["subject"]


@pytest.mark.parametrize(("width", "name"), [(1280, "desktop"), (390, "phone")])
def test_who_does_otherwise_than_proposed_is_asked_why_without_scripts(
    browser_page: Page, site: str, width: int, name: str
) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    context = browser.new_context(
        locale="zh-CN", java_script_enabled=False, viewport={"width": width, "height": 844}
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    become(page, site, "community", "dongzhou-dispatch-1")
    order = _placed_over_http(page, site)
    page.goto(f"{site}/web/orders/{order}")
    eventually(lambda: bool(page.reload()) and page.locator(".candidates label").count() > 1, what="match")
    why, proposed = page.locator("[name=why]"), page.locator(f"input[value={TEAM}]")
    expect(page.locator(".candidates label").first).to_contain_text("系统建议")
    expect(proposed).to_be_checked()
    expect(why).to_be_hidden()
    expect(page.get_by_role("img", name="得分 ").first).to_be_visible()
    look(page, f"proposed-{name}")
    page.locator(".candidates input").nth(1).check()
    expect(why).to_be_visible()
    proposed.check()
    expect(why).to_be_hidden()
    page.locator(".candidates input").nth(1).check()
    why.fill("执法队今晚都在台风值守")
    look(page, f"why-{name}")
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    page.get_by_role("button", name="派单", exact=True).click()
    expect(page.locator(".story li").last).to_contain_text("未按系统建议派给 街道综合行政执法队")
    expect(page.locator(".story li").last).to_contain_text("执法队今晚都在台风值守")
    look(page, f"overruled-{name}")
    context.close()
