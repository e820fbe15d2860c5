"""Writes a derived town as a town file, for people to complete: English names, hours, contacts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from adapters.towns import TownFile
from domain.commands import RegisterProvider
from domain.rules import Area, Category, Rules, Words

HEADING: Final = """\
# 由表格得出的镇街：区域、事项和单位都照表格所写，代码由名称算出，请勿改代码。
# 时限、联系方式、接单能力和英文名称表格里没有，请补上后用 sidan town apply 生效。
# A town derived from a table: areas, items and units as found there, under codes made of their names.
# Keep the codes. Hours, contacts, capacities, English names: fill them in, then run sidan town apply.

"""


def save_town(town: TownFile, path: Path) -> None:
    """Write it so that `towns.load` reads the same town again."""
    path.write_text(HEADING + town_yaml(town), encoding="utf-8")


def town_yaml(town: TownFile) -> str:
    """The town as YAML, for towns that `derive_town` made: without people, its rules the defaults."""
    rules = town.rules
    document = {
        "town": rules.town,
        "name": _pair(rules.name),
        "zone": rules.zone,
        "levels": _levels(rules),
        "areas": _nested(rules.areas, "parts"),
        "catalogue": _nested(rules.catalogue, "items"),
        "providers": _providers(town.providers),
    }
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)


def _nested(listed: Iterable[Area | Category], inside: str) -> dict[str, Any]:
    """Codes to entries, each holding what lies in it; paths come with the upper ones first."""
    top: dict[str, Any] = {}
    entries: dict[str, dict[str, Any]] = {}
    for one in listed:
        above, _, code = one.path.rpartition("/")
        entry = entries[one.path] = {"name": _pair(one.name)}
        if one.kind and one.kind != "group":
            entry["kind"] = one.kind
        (entries[above].setdefault(inside, {}) if above else top)[code] = entry
    return top


def _providers(providers: Iterable[RegisterProvider]) -> dict[str, Any]:
    by_kind: dict[str, dict[str, Any]] = {}
    for one in providers:
        by_kind.setdefault(one.kind.value, {})[one.provider] = {
            "name": _Flow([one.name_zh, one.name_en]),
            "contact": one.contact,
            "capacity": one.capacity,
            "areas": _Flow(one.areas),
            "can": _Flow(offer.category for offer in one.offers),
        }
    return by_kind


def _levels(rules: Rules) -> dict[str, Any]:
    """Level codes are the kinds of the areas there; a level that no row names gets a code of its own."""
    kinds = {area.path.count("/"): area.kind for area in rules.areas}
    return {
        kinds.get(depth) or f"level-{depth + 1}": _pair(words) for depth, words in enumerate(rules.levels)
    }


class _Flow(list[str]):
    """Written on one line."""


def _pair(words: Words) -> _Flow:
    return _Flow([words.zh, words.en])


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - theirs
        return True


def _flow(dumper: yaml.SafeDumper, words: _Flow) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", map(str, words), flow_style=True)


_Dumper.add_representer(_Flow, _flow)
