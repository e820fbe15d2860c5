"""A node over SQLite files of its own, with the town that ships already in it."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any, Final

from adapters.bootstrap import Node
from adapters.envelope import Door
from adapters.settings import Settings
from adapters.towns import load
from domain.stages import Role
from services.requests import Outcome, Status

STORE: Final = "sidan.db"


def found_the_town(folder: Path, town: str = "guangming") -> None:
    """Make the files of a node in which a town has been applied."""
    file = load(town)
    node = Node(Settings(store=f"sqlite:///{folder / STORE}", reads=f"sqlite:///{folder / 'reads.db'}"))
    node.create()
    adopted = ask(node, "AdoptRules", {"rules": file.rules.model_dump(mode="json")}, Role.OPERATOR, "setup")
    assert adopted.status is Status.RECORDED
    door = Door("setup", Role.COMMUNITY)
    registering = [
        node.decode(
            one.model_dump_json().encode(),
            {"id": one.provider, "source": "setup", "type": one.wire, "actor": "setup"},
            door,
        )
        for one in file.providers
    ]
    assert {one.status for one in node.desk.ask_all(registering)} == {Status.RECORDED}
    node.follow()
    node.close()


@contextmanager
def node_of(founded: Path, folder: Path, **settings: Any) -> Generator[Node]:
    """A node on copies of those files."""
    copytree(founded, folder, dirs_exist_ok=True)
    urls = {"store": f"sqlite:///{folder / STORE}", "reads": f"sqlite:///{folder / 'reads.db'}"}
    with Node(Settings(**urls, **settings)) as node:
        yield node


def ask(node: Node, type_: str, data: dict[str, Any], role: Role, actor: str, **said: str) -> Outcome:
    """Ask as another door would."""
    attributes = {
        "id": f"{type_}-{node.store.head()}",
        "source": "test",
        "type": type_,
        "actor": actor,
    } | said
    return node.ask(node.decode(json.dumps(data).encode(), attributes, Door("test", role)))
