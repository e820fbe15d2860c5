"""Tokens that prove who asks: our own, and JSON web tokens of an issuer."""

from adapters.tokens.identity import BadToken, Identity, IssuerAway
from adapters.tokens.issuer import Issuer
from adapters.tokens.keyring import Keyring
from adapters.tokens.local import Tokens

__all__ = ["BadToken", "Identity", "Issuer", "IssuerAway", "Keyring", "Tokens"]
