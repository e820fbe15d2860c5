"""The commands that the READMEs show do what they say."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.towns import load
from domain.proposal import PART_WORDS
from domain.rules import Weights
from tests.support.a_town_file import small
from tests.support.compose import ROOT

pytestmark = pytest.mark.journey


def commands(readme: str) -> list[str]:
    """The walk by hand: the block that begins with `sidan init`."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    found = re.search(r"```sh\n(sidan init .*?)```", text, re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def run(command: str, folder: Path) -> str:
    """Type it in that folder; it must be done, not refused."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIDAN_")}
    words = [sys.executable, "-m", "adapters.cli", *shlex.split(command)[1:]]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_walk_by_hand_leads_from_the_call_to_the_rating(tmp_path: Path) -> None:
    """That of one README; the other's is the same, as the next test sees."""
    order = ""
    story = ""
    for command in commands("README.md"):
        if command.startswith("sidan place"):
            order = json.loads(run(f"{command} --json", tmp_path).splitlines()[-1])["number"]
        else:
            story += run(command.replace("ORDER", order), tmp_path)
    assert "满意" in story
    assert "satisfied" in story
    assert "未见改动" in story


def test_both_readmes_show_the_same_walk() -> None:
    english = [command.replace("ORDER", "单号") for command in commands("README.md")]
    assert english == commands("README.zh-CN.md")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md", "CHANGELOG.md", "DECISIONS.md"])
def test_every_file_that_is_pointed_at_is_there(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


WEIGHTS = re.compile(r"```yaml\nrules:\n  weights: \{(.*)\}\n```")


@pytest.mark.parametrize("file", ["README.md", "README.zh-CN.md", "docs/matching.md"])
def test_the_weights_that_are_shown_are_read_from_a_town_file(file: str, tmp_path: Path) -> None:
    shown = WEIGHTS.search((ROOT / file).read_text(encoding="utf-8"))
    assert shown is not None
    town = small(tmp_path)
    text = town.read_text(encoding="utf-8")
    assert "\nrules:\n" in text
    said = f"\nrules:\n  weights: {{{shown[1]}}}\n"
    town.write_text(text.replace("\nrules:\n", said), encoding="utf-8")
    given = {name: int(weight) for name, weight in re.findall(r"(\w+): (\d+)", shown[1])}
    assert load(town).rules.weights == Weights().model_copy(update=given)


def test_the_default_weights_are_told_as_they_are() -> None:
    told = (ROOT / "docs" / "matching.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (\d+) \|", told, re.MULTILINE)
    assert {part: int(weight) for part, _, weight in rows} == Weights().model_dump(exclude={"call_near"})
    assert {part: words for part, words, _ in rows} == {
        part.value: " ".join(words) for part, words in PART_WORDS.items()
    }
