"""The folders import what they may, and the check that says so can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("domain", "services", "projections", "adapters", "tests/architecture")

FORBIDDEN = {
    "domain knows a library": {"domain/planted.py": "import sqlalchemy"},
    "domain knows services": {"domain/planted.py": "import services"},
    "services know read models": {"services/planted.py": "import projections"},
    "services know a library": {"services/planted.py": "import eventsourcing"},
    "read models know services": {"projections/planted.py": "import services"},
    "read models know adapters": {"projections/planted.py": "import adapters"},
    "read models know each other": {
        "projections/planted.py": "import projections.other",
        "projections/other.py": "",
    },
    "the store knows the web": {
        "adapters/store/planted.py": "import adapters.web.planted",
        "adapters/web/planted.py": "",
    },
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    # The tree's own packages come before the installed ones.
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [str(program), "--no-cache"]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def test_every_folder_imports_only_what_it_may(tree: Path) -> None:
    done = lint_imports(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("planted", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_forbidden_import_is_found(tree: Path, planted: dict[str, str]) -> None:
    for name, text in planted.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")
    done = lint_imports(tree)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
