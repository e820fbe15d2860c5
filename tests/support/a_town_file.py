"""The file of a town small enough to keep in mind, and ways to change it."""

from pathlib import Path

SMALL = """\
town: lake
name: [湖镇, Lake Town]
zone: Asia/Shanghai
levels:
  street: [街道, street]
  community: [社区, community]
  grid: [网格, grid]
areas:
  lake:
    name: [湖街道, Lake]
    responsible: lead
    parts:
      east: {name: [东社区, East], parts: [120, 80]}
      west: {name: [西社区, West], kind: village, responsible: west-lead, population: 50}
catalogue:
  care:
    name: [养老, Care]
    kind: service
    hours: [12, 72]
    items:
      meals: [助餐, Meals]
      visits: {name: [探访, Visits], hours: [2, 24]}
  roads:
    name: [道路, Roads]
    kind: complaint
    items:
      pothole: [坑洼, Potholes]
people:
  lead: {name: 林嘉禾, roles: [community], area: lake}
  west-lead: {name: 陈思远, roles: [community], area: west}
rules:
  hours: [24, 120]
  rate_days: 20
  decline_reasons: {not-ours: [不属本单位职责, Not our duty]}
  ratings: {satisfied: [还行, fine]}
  bad_ratings: [very-dissatisfied]
  auto_dispatch:
    - {mode: off}
    - {category: care, area: west, mode: on}
providers:
  department:
    works: {name: [工务, Works], contact: 0755-23000001, capacity: 20, takes_by_bus: true, must: [roads]}
  team:
    cooks: {name: [厨队, Cooks], members: 4, full_time: 1, contact: 0755-23000002, capacity: 5,
      areas: [east, lake/west], can: [care/meals]}
"""


def small(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The small town with pieces of its text replaced."""
    text = SMALL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "lake.yaml"
    path.write_text(text, encoding="utf-8")
    return path
