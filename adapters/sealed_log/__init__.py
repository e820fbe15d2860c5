"""The record sealed as a Merkle log: tiles and checkpoints beside it, and witnesses outside."""

from adapters.sealed_log.broken import SealBroken
from adapters.sealed_log.log import SEAL_TABLES, SealedLog
from adapters.sealed_log.notary import Notary, Publish
from adapters.sealed_log.proving import NoCheckpoint, NoSuchEvent, NotSealedYet, Proofs, SealUnfit
from adapters.sealed_log.signing import PUBLIC, SigningKey, proves, public_key, signing_key
from adapters.sealed_log.witness import WitnessFile

__all__ = [
    "PUBLIC",
    "SEAL_TABLES",
    "NoCheckpoint",
    "NoSuchEvent",
    "NotSealedYet",
    "Notary",
    "Proofs",
    "Publish",
    "SealBroken",
    "SealUnfit",
    "SealedLog",
    "SigningKey",
    "WitnessFile",
    "proves",
    "public_key",
    "signing_key",
]
