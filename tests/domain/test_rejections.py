"""Every refusal has a stable code and two sentences that fit what the place that raises it says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain.rejections
from domain.rejections import Refused

ROOT = Path(__file__).parents[2]
RULES = [*sorted((ROOT / "domain").glob("*.py")), *sorted((ROOT / "services").glob("*.py"))]
TESTS = sorted(Path(__file__).parent.glob("test_*.py"))


def leaves(kind: type[Refused] = Refused) -> Iterator[type[Refused]]:
    for below in kind.__subclasses__():
        if below.__subclasses__():
            yield from leaves(below)
        else:
            yield below


LEAVES = {leaf.__name__: leaf for leaf in leaves()}


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Each place that makes a refusal: where, which, and the details it gives."""
    for path in RULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LEAVES:
                details = {keyword.arg or "**" for keyword in node.keywords}
                yield f"{path.stem}:{node.lineno}", node.func.id, details
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in LEAVES:
                yield f"{path.stem}:{node.lineno}", node.exc.id, set()


RAISED = list(raised())


def asked_for(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence))


def test_codes_are_unique_and_stable() -> None:
    codes = [leaf.code for leaf in LEAVES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[a-z_]+", code) for code in codes)


def test_the_tree_at_the_top_names_every_code_and_no_other() -> None:
    drawn = set(
        re.findall(r"[a-z]+(?:_[a-z]+)+|\bitself\b", (domain.rejections.__doc__ or "").split("Each has")[0])
    )
    assert drawn == {leaf.code for leaf in LEAVES.values()}


@pytest.mark.parametrize(
    ("place", "name", "details"), RAISED, ids=[f"{place}-{name}" for place, name, _ in RAISED]
)
def test_a_sentence_is_filled_by_whoever_raises_it(place: str, name: str, details: set[str]) -> None:
    leaf = LEAVES[name]
    assert details == asked_for(leaf.zh) | asked_for(leaf.en), place


@pytest.mark.parametrize("leaf", LEAVES.values(), ids=LEAVES.keys())
def test_both_languages_end_as_sentences(leaf: type[Refused]) -> None:
    blanks = dict.fromkeys(asked_for(leaf.zh) | asked_for(leaf.en), "x")
    refusal = leaf(**blanks)
    assert str(refusal) == f"{refusal.reason_zh} {refusal.reason_en}"
    assert refusal.reason_zh.endswith("。")
    assert refusal.reason_en.endswith(".")


@pytest.mark.parametrize("name", LEAVES)
def test_every_refusal_is_raised_somewhere(name: str) -> None:
    assert name in {which for _, which, _ in RAISED}


@pytest.mark.parametrize("name", sorted(set(LEAVES) - {"IdReused"}))  # this one the services raise and test
def test_every_refusal_of_the_domain_is_expected_by_a_test(name: str) -> None:
    others = [path for path in TESTS if path != Path(__file__)]
    expected = re.compile(rf"(then_rejected\(|raises\(|return |else ){name}\b")
    assert any(expected.search(path.read_text(encoding="utf-8")) for path in others)
