"""`make audit`: asks OSV of known vulnerabilities in what is locked; not being able to ask is no pass."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.compose import ROOT

LOCK: Final = ROOT / "requirements.lock"  # all of requirements-app.lock is in it
PIP_AUDIT: Final = ROOT / ".venv" / "bin" / "pip-audit"
# PyPI's own service is no choice here: what a mirror does not know, pip-audit would pass over and call clean.
SERVICE: Final = "https://api.osv.dev/v1/query"
CLEAN, WANTING, AWAY = 0, 1, 3


@dataclass(frozen=True)
class Finding:
    package: str
    id: str
    mended_in: Sequence[str]


class NotAudited(RuntimeError):
    """It is not known whether the locked versions are sound."""


def findings(lock: Path, service: str) -> list[Finding]:
    """Every known vulnerability of what is locked.

    Raises:
        NotAudited: the service did not answer for all of it.
    """
    command = [str(PIP_AUDIT), "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    command += ["--vulnerability-service", "osv", "--osv-url", service]
    command += ["--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        why = done.stderr.strip().splitlines() or ["no answer"]
        raise NotAudited(why[-1]) from error
    left_out = [one["name"] for one in told if "skip_reason" in one]
    if left_out or not told:
        raise NotAudited(f"nothing is known of {', '.join(left_out) or 'anything'}")
    return [
        Finding(f"{one['name']} {one['version']}", known["id"], known["fix_versions"])
        for one in told
        for known in one["vulns"]
    ]


def main(lock: Path = LOCK, service: str = "") -> int:
    service = service or os.environ.get("SIDAN_AUDIT", SERVICE)
    try:
        found = findings(lock, service)
    except NotAudited as error:
        sys.stderr.write(
            f"audit_away：漏洞库 {service} 没有查成（{error}），锁定的版本未经核查，"
            "请联网后再运行 make audit。\n"
            f"audit_away: {service} could not be asked ({error}), so the locked versions are unchecked;"
            " run make audit again where it can be reached.\n"
        )
        return AWAY
    for one in found:
        mended = ", ".join(one.mended_in) or "?"
        sys.stderr.write(
            f"vulnerable：{one.package} 有已知漏洞 {one.id}，请升级到 {mended} 并运行 make lock。\n"
            f"vulnerable: {one.package} has {one.id}; raise it to {mended} and run make lock.\n"
        )
    if not found:
        sys.stdout.write("锁定的版本没有已知漏洞。 No locked version has a known vulnerability.\n")
    return WANTING if found else CLEAN


if __name__ == "__main__":
    sys.exit(main())
