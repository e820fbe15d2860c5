"""The evidence: who was sent with orders like this one, learnt in log order, kept as rows."""

from projections.evidence.model import EvidenceModel
from projections.evidence.queries import About, EvidenceQueries

__all__ = ["About", "EvidenceModel", "EvidenceQueries"]
