"""Whatever a journey goes through, its logs hold nothing personal and no token."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.a_node import found_the_town
from tests.support.what_is_logged import Watch, watching_logs

# Said by, or to, programs that seal for themselves.
KNOWN = (
    "compose-journey",
    "路灯不亮 lamp out",
    "已修好 done",
    "楼道灯坏了",
    "路面有坑",
    "楼下夜间施工",
)


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Watch]:
    """Watches the logs of every journey, of this process and of those it starts."""
    with watching_logs(monkeypatch) as watch:
        watch.folder = tmp_path
        watch.keep(*KNOWN)
        yield watch
        assert watch.leaks() == set()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    found_the_town(folder)
    return folder
