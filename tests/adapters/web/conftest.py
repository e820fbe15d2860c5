"""An app on the real town, and people who ask it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Node
from adapters.settings import Settings
from adapters.web.app import make_app
from tests.adapters.web.asking import Web
from tests.support.a_node import found_the_town, node_of
from tests.support.in_process import InProcess


class Relay:
    """An engine that is whichever node the test has."""

    settings = Settings()
    node: Node

    def __getattr__(self, name: str) -> Any:
        return getattr(self.node, name)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    found_the_town(folder)
    return folder


@pytest.fixture
def node(founded: Path, tmp_path: Path) -> Iterator[Node]:
    with node_of(founded, tmp_path) as node:
        yield node


@pytest.fixture(scope="session")
def shared_app() -> Iterator[tuple[Relay, InProcess]]:
    """One app for all tests that bring no settings of their own: it takes a moment to begin."""
    relay = Relay()
    transport = InProcess(make_app(relay))  # pyright: ignore[reportArgumentType] - it passes all on to a node
    yield relay, transport
    transport.close()


@pytest.fixture
def web(node: Node, shared_app: tuple[Relay, InProcess]) -> Web:
    relay, transport = shared_app
    relay.node = node
    return Web(node, transport)
