"""Whatever is wrong with how a command was given is said in Chinese and English, with what to do instead."""

import re

import pytest
from typer.exceptions import TyperException

from adapters.cli.misuse import _SAID, misused
from tests.adapters.cli.a_terminal import Sidan

NUMBER = "应为整数，请给一个整数。"
A_NUMBER = "is a whole number; give one."
WRONG: dict[tuple[str, ...], tuple[str, str]] = {
    ("conjure",): ("没有命令conjure，", "There is no command conjure; "),
    ("orders", "conjure"): ("没有命令conjure，", "There is no command conjure; "),
    ("orders", "list", "--colour", "red"): ("没有选项--colour，", "There is no option --colour; "),
    ("orders", "list", "-z"): ("没有选项-z，", "There is no option -z; see "),
    ("place", "--detail", "x"): (
        "没有选项--detail，是不是--details？",
        "There is no option --detail; is it ",
    ),
    ("orders", "show"): ("缺少ORDER，请加上它。", "ORDER is missing; add it."),
    ("tokens", "add"): ("缺少--role，请加上它。", "--role is missing; add it."),
    ("orders", "show", "a", "b c"): ("多出了参数b c，", "b c is more than is asked for; "),
    ("place", "--area"): ("选项--area后面缺少值，", "Option --area needs a value; "),
    ("orders", "list", "--json=1"): ("选项--json不带值，", "Option --json takes no value; "),
    ("rate", "x", "--level", "superb"): (
        "--level不能是'superb'，请用'very-satisfied', ",
        "--level cannot be 'superb'; use one of 'very-satisfied', ",
    ),
    ("status", "--log", "loud"): ("--log不能是'loud'，请用", "--log cannot be 'loud'; use one of "),
    ("orders", "list", "--limit", "many"): (f"--limit{NUMBER}", f"--limit {A_NUMBER}"),
    ("simulate", "--days", "1.5"): (f"--days{NUMBER}", f"--days {A_NUMBER}"),
    ("dead-letters", "show", "x"): (f"ID{NUMBER}", f"ID {A_NUMBER}"),
    ("status", "--rate", "fast"): ("--rate应为数字，", "--rate is a number; "),
    ("simulate", "--orders", "0"): ("--orders不能小于1，", "--orders must be 1 or more; "),
    ("status", "--rate", "-1"): ("--rate不能小于0，", "--rate must be 0 or more; "),
    ("simulate", "--days", "4000"): ("--days不能大于3650，", "--days must be 3650 or less; "),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_each_wrong_use_is_said_in_both_languages(nowhere: Sidan, words: tuple[str, ...]) -> None:
    zh, en = WRONG[words]
    said = nowhere(*words)
    assert (said.code, said.out) == (2, "")
    sentences = re.fullmatch(r"(.*。) (.*\.) \[usage\]\n", said.err)
    assert sentences is not None, said.err
    assert sentences[1].startswith(zh)
    assert sentences[2].startswith(en)
    assert not re.search("[a-z]{3,} [a-z]{3,}", sentences[1])  # no English sentence inside


def test_a_right_use_is_no_misuse(sidan: Sidan) -> None:
    assert sidan("orders", "list", "--limit", "500").code == 0


def test_every_sentence_we_have_is_said_of_something(nowhere: Sidan) -> None:
    told = [nowhere(*words).err for words in WRONG]
    for _, _, en in _SAID:
        like = re.sub(r"\\{\w+\\}", ".+", re.escape(en))
        assert en.startswith("A command is missing") or any(re.search(like, one) for one in told), en


def test_what_the_library_says_anew_is_passed_on_with_where_to_look() -> None:
    problem = misused(TyperException("Something new."))
    assert problem.zh == "用法不对（Something new），请看 --help。"
    assert problem.en == "Wrong usage (Something new); see --help."


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("submit", "nowhere.jsonl"), "no_such_file"),
        (("town", "apply", "nowhere.yaml"), "town_file"),
        (("init", "--town", "nowhere.yaml"), "town_file"),
        (("init", "--from-table", "nowhere.csv"), "no_such_table"),
        (("submit", __file__, "--map", "nowhere.yaml"), "no_such_mapping"),
    ],
)
def test_a_file_that_is_not_there_is_said_in_both_languages(
    sidan: Sidan, words: tuple[str, ...], code: str
) -> None:
    said = sidan(*words)
    assert said.code in (1, 2)
    assert re.fullmatch(rf"[^.]*nowhere.*。 There is no .*\. \[{code}\]\n", said.err), said.err
