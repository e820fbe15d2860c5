"""Runs a long storm and prints its report; `--write` keeps it in docs/reliability.md. `make storm`."""

import os
import sys
from datetime import UTC, datetime

from tests.faults.storm.report import markdown
from tests.faults.storm.storm import storm
from tests.faults.storm.weather import USUAL
from tests.support.compose import ROOT

FAULTS = int(os.environ.get("SIDAN_STORM_FAULTS", USUAL))
SEED = int(os.environ.get("SIDAN_STORM_SEED", "1"))


def main() -> int:
    report = storm(FAULTS, SEED, _tell)
    text = markdown(report, seed=SEED, day=datetime.now(UTC).date())
    sys.stdout.write(text)
    if "--write" in sys.argv:
        (ROOT / "docs" / "reliability.md").write_text(text, encoding="utf-8")
    return 0 if report.tally.unharmed else 1


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
