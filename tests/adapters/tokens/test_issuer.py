"""JSON web tokens: whom they prove, and each way in which they prove nobody."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from adapters.settings import Settings
from adapters.tokens.identity import BadToken, IssuerAway
from adapters.tokens.issuer import AGAIN, KEPT, Issuer
from domain.stages import Role
from tests.adapters.tokens.an_issuer import ISSUER, NOW, SECONDS, AnIssuer, shared_key

SETTINGS = Settings(oidc_issuer=ISSUER)


@pytest.fixture
def login() -> AnIssuer:
    return AnIssuer()


@pytest.fixture
def issuer(login: AnIssuer) -> Issuer:
    return Issuer(SETTINGS, login.fetch)


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"sidan_role": "resident"}, (Role.RESIDENT, None, None)),
        ({"sidan_role": "dispatcher", "sidan_area": "lake/east"}, (Role.COMMUNITY, "lake/east", None)),
        ({"sidan_role": "community"}, (Role.COMMUNITY, None, None)),
        ({"sidan_role": "provider", "sidan_provider": "roads"}, (Role.PROVIDER, None, "roads")),
        ({"sidan_role": ["offline_access", "auditor"]}, (Role.AUDITOR, None, None)),
        ({"sidan_role": "operator", "sidan_area": "lake"}, (Role.OPERATOR, None, None)),
    ],
)
def test_claims_are_read_in_our_words(
    issuer: Issuer, login: AnIssuer, claims: dict[str, Any], found: tuple[object, ...]
) -> None:
    identity = issuer.identity(login.token(**claims), NOW)
    assert identity.actor == "u-7"
    assert (identity.role, identity.area, identity.provider) == found
    assert identity.expires == NOW + timedelta(seconds=600)


@pytest.mark.parametrize(
    "claims",
    [
        {"sidan_role": None},
        {"sidan_role": "system"},
        {"sidan_role": "king"},
        {"sidan_role": ["auditor", "operator"]},
        {"sidan_role": "provider"},
        {"sidan_role": "provider", "sidan_provider": "../roads"},
        {"sidan_role": "dispatcher", "sidan_area": "Lake East"},
        {"sidan_role": "auditor", "sub": None},
        {"sidan_role": "auditor", "sub": "a\nb"},
        {"sidan_role": "auditor", "sub": "x" * 65},
        {"sidan_role": "auditor", "iss": "https://other.example"},
        {"sidan_role": "auditor", "aud": "another-app"},
        {"sidan_role": "auditor", "aud": None},
        {"sidan_role": "auditor", "exp": None},
        {"sidan_role": "auditor", "exp": SECONDS - 60},
        {"sidan_role": "auditor", "exp": "soon"},
        {"sidan_role": "auditor", "nbf": SECONDS + 600},
    ],
    ids=str,
)
def test_claims_that_do_not_fit_prove_nobody(issuer: Issuer, login: AnIssuer, claims: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        issuer.identity(login.token(**claims), NOW)


def test_signatures_that_do_not_fit_prove_nobody(issuer: Issuer, login: AnIssuer) -> None:
    good = login.token(sidan_role="operator")
    head, claims, signature = good.split(".")
    other = ECKey.generate_key("P-256", {"kid": "one"})
    public = json.dumps(login.keys()["keys"][0])
    bad = [
        login.token(other, sidan_role="operator"),
        login.token(shared_key(public), sidan_role="operator"),
        f"{head}.{claims}.",
        f"eyJhbGciOiJub25lIn0.{claims}.",
        f"{head}.{claims[:-2]}xx.{signature}",
        *("", ".", "a.b.c", "口令", "Bearer " * 9),
    ]
    assert issuer.identity(good, NOW).role is Role.OPERATOR
    for token in bad:
        with pytest.raises(BadToken):
            issuer.identity(token, NOW)


def test_keys_are_kept_and_new_ones_are_found(issuer: Issuer, login: AnIssuer) -> None:
    for _ in range(3):
        issuer.identity(login.token(sidan_role="auditor"), NOW)
    assert login.asked == 1
    login.rotate()
    with pytest.raises(BadToken):  # looked at a moment ago: nobody makes us ask without end
        issuer.identity(login.token(sidan_role="auditor"), NOW + AGAIN / 2)
    assert login.asked == 1
    issuer.identity(login.token(sidan_role="auditor"), NOW + AGAIN * 2)
    assert login.asked == 2
    issuer.identity(login.token(sidan_role="auditor", exp=SECONDS + 90_000), NOW + KEPT * 3)
    assert login.asked == 3


def test_while_the_issuer_is_away_its_known_keys_go_on(issuer: Issuer, login: AnIssuer) -> None:
    login.away = True
    with pytest.raises(IssuerAway):
        issuer.identity(login.token(sidan_role="auditor"), NOW)
    login.away = False
    issuer.identity(login.token(sidan_role="auditor"), NOW)
    login.away = True
    later = NOW + KEPT * 2
    assert issuer.identity(login.token(sidan_role="auditor", exp=SECONDS + 90_000), later).actor == "u-7"


@pytest.mark.parametrize("form", ["jwks", "pem"])
def test_keys_may_lie_in_a_file(login: AnIssuer, tmp_path: Path, form: str) -> None:
    file = tmp_path / "keys"
    file.write_bytes(json.dumps(login.keys()).encode() if form == "jwks" else login.key.as_pem(private=False))
    issuer = Issuer(Settings(oidc_issuer=ISSUER, oidc_keys=str(file)))
    assert issuer.identity(login.token(sidan_role="auditor"), NOW).role is Role.AUDITOR


def test_a_file_that_is_not_there_is_said_to_be_away(login: AnIssuer, tmp_path: Path) -> None:
    issuer = Issuer(Settings(oidc_issuer=ISSUER, oidc_keys=str(tmp_path / "none")))
    with pytest.raises(IssuerAway):
        issuer.identity(login.token(sidan_role="auditor"), NOW)


def test_an_issuer_is_not_asked_in_the_clear(login: AnIssuer) -> None:
    issuer = Issuer(Settings(oidc_issuer="http://login.example"), login.fetch)
    with pytest.raises(IssuerAway):
        issuer.identity(login.token(sidan_role="auditor", iss="http://login.example"), NOW)
    assert login.asked == 0


def test_claims_may_have_other_names(login: AnIssuer) -> None:
    mapping = "role=realm_access.roles,id=https://town.example/staff,area=where"
    issuer = Issuer(Settings(oidc_issuer=ISSUER, oidc_claims=mapping), login.fetch)
    said = {
        "realm_access": {"roles": ["x", "dispatcher"]},
        "where": "lake",
        "https://town.example/staff": "d-1",
    }
    identity = issuer.identity(login.token(**said, algorithm="ES256"), NOW)
    assert (identity.role, identity.actor, identity.area) == (Role.COMMUNITY, "d-1", "lake")
    with pytest.raises(ValueError, match="colour"):
        Issuer(Settings(oidc_issuer=ISSUER, oidc_claims="colour=blue"))
