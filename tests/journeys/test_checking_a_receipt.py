"""A resident holds a receipt against the record in a browser; what was tampered with is told."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from adapters.bootstrap import Node
from domain.ids import OrderId
from domain.stages import Role
from services.audit.checkpoints import VerifierKey
from services.audit.merkle import consistency, inclusion, root_of
from services.requests import Status
from tests.support.a_node import ask, node_of
from tests.support.a_site import served

pytestmark = [pytest.mark.browser, pytest.mark.journey]

AREA: Final = "gm-street/dongzhou/mudun"
LIGHTS: Final = {"category": "facilities/lights/street", "area": AREA, "details": "灯不亮"}
UNIT: Final = {"provider": "roads"}
LARGEST: Final = 17  # leaves: every shape of tree up to two above a power of two

Document = dict[str, Any]


@pytest.fixture
def node(founded: Path, tmp_path: Path) -> Iterator[Node]:
    with node_of(founded, tmp_path) as node:
        yield node


@dataclass(frozen=True)
class Checking:
    """The page, and what may be chosen on it."""

    node: Node
    page: Page
    folder: Path
    receipt: Document  # of a bad rating

    def check(self, document: Document | str, *, key: str | None = None) -> Locator:
        """Choose this file; where the verdict stands."""
        file = self.folder / f"{uuid4()}.json"  # to choose the same file once more is no change
        file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        if key is not None:
            self.page.locator("[name=key]").fill(key)
        self.page.set_input_files("[type=file]", file)
        verdict = self.page.locator("[data-verdict]")
        expect(verdict).to_be_visible()
        return verdict

    def refused(self, document: Document | str, code: str, *, key: str | None = None) -> None:
        verdict = self.check(document, key=key)
        expect(verdict).to_have_attribute("data-code", code)
        expect(verdict).to_contain_text("✗")

    def edited(self, **said: Any) -> Document:
        return json.loads(json.dumps(self.receipt)) | said


@pytest.fixture
def checking(browser_page: Page, node: Node, tmp_path: Path) -> Iterator[Checking]:
    order = rated(node)
    node.notary().seal()
    receipt = node.proofs.of_rating(order)
    rated(node)
    node.notary().seal()
    with served(node) as site:
        browser_page.goto(f"{site}/web/check")
        yield Checking(node, browser_page, tmp_path, receipt)


def rated(node: Node) -> OrderId:
    """An order that went badly."""
    subject = ask(node, "PlaceOrder", LIGHTS, Role.RESIDENT, "r-li").subject
    steps = (
        ("DispatchOrder", UNIT, Role.COMMUNITY, "c-1"),
        ("AcceptOrder", UNIT, Role.PROVIDER, "roads"),
        ("CompleteOrder", UNIT | {"result": "换了灯泡"}, Role.PROVIDER, "roads"),
        ("RateOrder", {"level": "very-dissatisfied"}, Role.RESIDENT, "r-li"),
    )
    for type_, data, role, actor in steps:
        done = ask(node, type_, data, role, actor, subject=subject)
        assert done.status is Status.RECORDED, done.reason_en
    return OrderId(UUID(subject))


def turned(encoded: str) -> str:
    """The same bytes but for one bit."""
    known = b64decode(encoded)
    return b64encode(known[:-1] + bytes([known[-1] ^ 1])).decode()


def test_a_receipt_holds_and_each_step_is_told_and_drawn(checking: Checking) -> None:
    page, receipt = checking.page, checking.receipt
    expect(checking.check(receipt)).to_contain_text("属实")
    size = int(receipt["checkpoint"].split("\n")[1])
    expect(page.locator("[data-step=event]")).to_contain_text("评单 · 非常不满意")
    expect(page.locator("[data-step=place]")).to_contain_text(f"第 {receipt['index'] + 1} 条，共 {size} 条")
    expect(page.locator("[data-step=signed]")).to_contain_text("sidan/guangming")
    expect(page.locator("[data-step=today]")).to_contain_text(f"记录增至 {size + 5} 条")
    expect(page.locator("svg rect.other")).to_have_count(len(receipt["proof"]))
    root = b64decode(receipt["checkpoint"].split("\n")[2]).hex()
    expect(page.locator("svg text.mine").first).to_have_text(root[:10])


def test_a_proof_that_the_log_only_grew_holds(checking: Checking) -> None:
    old, now = checking.receipt["checkpoint"].encode(), checking.node.proofs.checkpoint()
    expect(checking.check(checking.node.proofs.growth(old, now))).to_contain_text("属实")
    expect(checking.page.locator("[data-step=place]")).to_contain_text("未变")
    forged = checking.node.proofs.growth(old, now)
    checking.refused(forged | {"proof": [turned(forged["proof"][0]), *forged["proof"][1:]]}, "rewritten")


def test_a_rating_made_better_is_found(checking: Checking) -> None:
    event = checking.receipt["event"]
    better = event | {"state": event["state"].replace('"very-dissatisfied"', '"satisfied"')}
    assert better != event
    checking.refused(checking.edited(event=better), "not_in_it")
    expect(checking.page.locator("[data-step=event]")).to_be_hidden()  # what is not proven is not told
    expect(checking.check(checking.receipt)).to_contain_text("属实")  # one after the other


@pytest.mark.parametrize("field", ["stream", "version", "topic"])
def test_an_event_under_another_name_is_found(checking: Checking, field: str) -> None:
    other = {"stream": str(UUID(int=1)), "version": 4, "topic": "OrderPlaced"}[field]
    checking.refused(checking.edited(event=checking.receipt["event"] | {field: other}), "not_in_it")


def test_a_path_that_leads_elsewhere_is_found(checking: Checking) -> None:
    index, path = checking.receipt["index"], checking.receipt["proof"]
    checking.refused(checking.edited(index=index - 1), "not_in_it")
    checking.refused(checking.edited(index=10**6), "bad_path")
    checking.refused(checking.edited(proof=path[:-1]), "bad_path")
    checking.refused(checking.edited(proof=[*path, path[0]]), "bad_path")
    checking.refused(checking.edited(proof=[turned(path[0]), *path[1:]]), "not_in_it")


def test_who_did_not_sign_is_found(checking: Checking) -> None:
    note = checking.receipt["checkpoint"]
    body, _, encoded = note.rstrip().rpartition(" ")
    checking.refused(checking.edited(checkpoint=f"{body} {turned(encoded)}\n"), "not_signed")
    checking.refused(checking.edited(checkpoint=note.replace("position ", "position 1")), "not_signed")
    checking.refused(checking.edited(checkpoint=note.replace("guangming", "longhua")), "other_key")
    other = VerifierKey("sidan/guangming", sha256(b"another").digest())
    checking.refused(checking.receipt, "not_signed", key=other.text)
    checking.refused(checking.receipt, "bad_key", key="公钥")
    damaged = (checking.node.settings.keys_folder / "signing.pub").read_text().replace("guangming", "longhua")
    checking.refused(checking.receipt, "other_key", key=damaged)
    name, _, rest = other.text.split("+", 2)
    checking.refused(checking.receipt, "other_key", key=f"{name}+00000000+{rest}")


@pytest.mark.parametrize("said", ["", "[]", "null", '{"format": "sidan-receipt/1"}', "评单"])
def test_what_is_no_receipt_is_said_to_be_none(checking: Checking, said: str) -> None:
    checking.refused(said, "other_format" if said == "[]" else "unreadable")
    checking.refused({"format": "sidan-export-1"}, "other_format")


def test_a_log_that_no_longer_agrees_is_told(checking: Checking) -> None:
    """The receipt itself holds; the record of today is another."""
    proofs, page = checking.node.proofs, checking.page
    now = proofs.checkpoint()
    newest = proofs.growth(checking.receipt["checkpoint"].encode(), now)
    later = {"format": "sidan-receipt/1", **proofs.of_rating(rated_and_sealed(checking.node))}
    page.route("**/checkpoints/latest", lambda route: route.fulfill(body=now.decode()))
    checking.refused(later, "cut")
    page.route("**/consistency*", lambda route: route.fulfill(json=newest | {"proof": []}))
    checking.refused(checking.receipt, "bad_path")
    wrong = newest | {"proof": [*newest["proof"][:-1], turned(newest["proof"][-1])]}
    page.route("**/consistency*", lambda route: route.fulfill(json=wrong))
    checking.refused(checking.receipt, "rewritten")
    page.route("**/consistency*", lambda route: route.fulfill(status=404))
    checking.refused(checking.receipt, "gone")


def rated_and_sealed(node: Node) -> OrderId:
    order = rated(node)
    node.notary().seal()
    return order


def test_without_the_server_the_receipt_holds_all_the_same(checking: Checking) -> None:
    checking.page.route("**/checkpoints/**", lambda route: route.abort())
    expect(checking.check(checking.receipt)).to_contain_text("属实")
    expect(checking.page.locator("[data-step=today]")).to_contain_text("没有问到服务器")


def test_the_file_is_sent_nowhere(checking: Checking) -> None:
    asked: list[tuple[str, str | None]] = []
    checking.page.on("request", lambda request: asked.append((request.method, request.post_data)))
    expect(checking.check(checking.receipt)).to_contain_text("属实")
    assert asked == [("GET", None)] * 2


EACH_SHAPE: Final = """async (cases) => {
  const { fromBase64, grew, hex, included } = await import("/static/proof.js");
  const found = [];
  for (const { leaf, index, size, path } of cases.paths) {
    const { root } = await included(fromBase64(leaf), index, size, path.map(fromBase64));
    found.push(hex(root));
  }
  for (const { old, now, path } of cases.growths) found.push(await grew(old, now, path.map(fromBase64)));
  return found;
}"""


def test_every_shape_of_tree_is_climbed_as_the_sealer_climbs_it(checking: Checking) -> None:
    leaves = [sha256(bytes([number])).digest() for number in range(LARGEST)]
    texts = [b64encode(one).decode() for one in leaves]

    def subtree(height: int, number: int) -> bytes:
        return root_of(leaves[number << height : (number + 1) << height])

    def encoded(path: list[bytes]) -> list[str]:
        return [b64encode(step).decode() for step in path]

    roots = [root_of(leaves[:size]).hex() for size in range(LARGEST + 1)]
    heads = [{"size": size, "root": root} for size, root in enumerate(roots)]
    paths: list[Document] = [
        {"leaf": texts[index], "index": index, "size": size, "path": encoded(inclusion(index, size, subtree))}
        for size in range(1, LARGEST + 1)
        for index in range(size)
    ]
    growths: list[Document] = [
        {"old": heads[old], "now": heads[now], "path": encoded(consistency(old, now, subtree))}
        for now in range(1, LARGEST + 1)
        for old in range(1, now + 1)
    ]
    other = [one | {"old": {"size": one["old"]["size"], "root": roots[0]}} for one in growths]
    cases = {"paths": paths, "growths": growths + other}
    found = checking.page.evaluate(EACH_SHAPE, cases)
    assert found == [roots[one["size"]] for one in paths] + [True] * len(growths) + [False] * len(other)


def test_before_anything_is_sealed_the_page_says_so(browser_page: Page, node: Node) -> None:
    with served(node) as site:
        browser_page.goto(f"{site}/web/check")
        expect(browser_page.locator("main")).to_contain_text("还没有封存过")


def test_a_resident_downloads_the_receipt_and_checks_it(
    browser_page: Page, node: Node, tmp_path: Path
) -> None:
    page = browser_page
    with served(node) as site:
        page.goto(f"{site}/web/place?area={AREA}&category={LIGHTS['category']}")
        page.locator("[name=details]").fill("路灯不亮")
        page.locator("main form button").click()
        expect(page.locator("#number")).to_be_visible()
        node.notary().seal()
        with page.expect_download() as downloading:
            page.get_by_role("link", name="点单回执").click()
        downloading.value.save_as(tmp_path / "mine.json")
        page.get_by_role("link", name="核验回执").click()
        page.set_input_files("[type=file]", tmp_path / "mine.json")
        expect(page.locator("[data-verdict]")).to_contain_text("属实")
