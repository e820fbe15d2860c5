"""What is found is said in both languages with the same words filled in, by whichever table."""

from string import Formatter

import pytest

from adapters.reconciling.findings import _SENTENCES as RECONCILING
from services.audit.findings import _SENTENCES as OF_THE_RULES
from services.audit.flaws import _FLAWS, _LIMITS
from services.audit.sentences import Sentences, said

TABLES = {
    "of the rules": OF_THE_RULES,
    "of the seal": _FLAWS,
    "not proven": _LIMITS,
    "reconciling": RECONCILING,
}


def names(text: str) -> set[str]:
    """What a sentence needs; a stage or a reason has a name in each language."""
    told = {name for _, name, _, _ in Formatter().parse(text) if name}
    return {name.removesuffix("_zh").removesuffix("_en") for name in told}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_both_languages_tell_the_same_and_leave_the_stop_to_who_says_it(table: Sentences) -> None:
    assert table
    for code, (zh, en) in table.items():
        assert names(zh) == names(en), code
        assert not zh.endswith("。"), code
        assert not en.endswith("."), code


def test_a_sentence_ends_with_one_stop_even_where_what_is_told_has_one() -> None:
    table = {"late": ("晚了：{why}", "is late: {why}")}
    assert said(table, "late", {"why": "下雨。"})[0] == "晚了：下雨。"
    assert said(table, "late", {"why": "It rained."})[1] == "is late: It rained."


def test_a_sentence_that_needs_more_than_is_told_is_not_said() -> None:
    with pytest.raises(KeyError):
        said({"late": ("{when}", "{when}")}, "late", {})
