"""Whom a dispatcher can choose at a terminal, and why not the one whom the engine proposes."""

from typing import Final

from adapters.bootstrap import Node
from adapters.cli import filling
from adapters.cli.opening import find_order
from adapters.cli.options import WHY
from domain.rules import Words

CHOICES: Final = 5  # candidates offered


def providers(node: Node) -> filling.Choices:
    """Those that take work."""
    return {name: Words(zh=zh, en=en) for name, (zh, en) in node.queries.menu.providers().items()}


def why_not(node: Node, order: str, chosen: str, given: str | None) -> str | None:
    """Why not as the engine proposed: what was given, or, at a terminal, what is typed where it was not."""
    if given is not None:
        return filling.text("--why", given, WHY)
    if not filling.at_a_terminal():
        return None
    proposed = node.proposed(find_order(node, order), node.clock())
    winner = proposed.winner if proposed else None
    if winner in (None, chosen):
        return None
    words = providers(node).get(winner, Words(zh=winner, en=winner))
    asked = Words(zh=f"系统建议派给{words.zh}，为何不采纳", en=f"the engine proposes {words.en}; why not")
    return filling.text("--why", None, asked)


def candidates(node: Node, order: str, provider: str | None) -> filling.Choices:
    """Who could take the order, the best first."""
    match = None if provider else node.matcher.match(find_order(node, order), node.clock())
    if match is None:
        return {}
    names = [match.names[one.provider] for one in match.candidates[:CHOICES]]
    return {name.provider: Words(zh=name.name_zh, en=name.name_en) for name in names}
