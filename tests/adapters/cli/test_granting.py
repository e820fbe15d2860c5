"""Tokens at the command line: shown once, listed without themselves, revoked at once."""

import shutil
from pathlib import Path

import pytest

from adapters.bootstrap import Node
from adapters.settings import Settings
from adapters.tokens.identity import BadToken
from tests.adapters.cli.a_terminal import LAKE, Sidan


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sidan(request: pytest.FixtureRequest, nowhere: Sidan, founded: Path) -> Sidan:
    """The town's record, with its tokens beside it, on either database."""
    if request.param == "sqlite":
        shutil.copy(founded, nowhere.file)
    else:
        nowhere.store = request.getfixturevalue("postgres_url")
        assert nowhere("init", "--town", str(LAKE)).code == 0
    return nowhere


def proves(sidan: Sidan, token: str) -> tuple[str, str]:
    with Node(Settings(store=sidan.store)) as node:
        identity = node.tokens.identity(token, node.clock())
        return identity.role, identity.actor


def test_a_token_is_shown_once_and_proves_who_it_is_for(sidan: Sidan) -> None:
    made = sidan.json("tokens", "add", "--role", "dispatcher", "--id", "d-1", "--area", "lake/east")
    assert (made["role"], made["actor"], made["area"]) == ("community", "d-1", "lake/east")
    assert proves(sidan, made["token"]) == ("community", "d-1")
    listed = sidan("tokens", "list", "--json").out
    assert made["id"] in listed
    assert made["token"].split("_", 2)[2] not in listed
    assert "digest" not in listed
    assert made["id"] in sidan("tokens", "list", "--csv").out


def test_provider_staff_may_go_by_the_providers_name(sidan: Sidan) -> None:
    made = sidan.json("tokens", "add", "--role", "provider", "--provider", "water", "--days", "7")
    assert proves(sidan, made["token"]) == ("provider", "water")


def test_a_revoked_token_proves_nothing(sidan: Sidan) -> None:
    made = sidan.json("tokens", "add", "--role", "auditor", "--id", "a-1")
    assert sidan("tokens", "revoke", made["id"]).code == 0
    with pytest.raises(BadToken):
        proves(sidan, made["token"])
    assert sidan("tokens", "revoke", made["id"]).code == 0  # said twice
    assert sidan("tokens", "revoke", "ffffffffffff", "--json").json["error"]["code"] == "unknown_token"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--role", "king", "--id", "k"), "bad_token"),
        (("--role", "system", "--id", "k"), "bad_token"),
        (("--role", "auditor"), "bad_token"),
        (("--role", "provider", "--id", "s-1"), "bad_token"),
        (("--role", "auditor", "--id", "a-1", "--area", "lake"), "bad_token"),
        (("--role", "dispatcher", "--id", "d-9", "--area", "lake/north"), "unknown_area"),
        (("--role", "dispatcher", "--id", "d-9"), "area_needed"),
    ],
)
def test_what_is_no_token_is_not_made(sidan: Sidan, words: tuple[str, ...], code: str) -> None:
    said = sidan("tokens", "add", *words, "--json")
    assert said.code != 0
    assert said.json["error"]["code"] == code
    assert sidan.json("tokens", "list") == {"tokens": []}


def test_before_any_was_made_the_list_is_empty(sidan: Sidan) -> None:
    assert sidan("tokens", "list").code == 0
