"""What the doctor's tests ask, and what they look at in its findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modelarts_emulator.testing import Control
from modelarts_provider.doctor.findings import Finding
from modelarts_provider.doctor.run import examine

REGION = "cn-north-4"


@dataclass
class Bench:
    """A home, a folder of programs (the only one on PATH), and variables."""

    home: Path
    programs: Path
    environment: dict[str, str] = field(default_factory=dict)

    def program(self, name: str, script: str) -> Path:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def set(self, **variables: str | None) -> None:
        self.environment |= {name: value for name, value in variables.items() if value is not None}
        for name in [name for name, value in variables.items() if value is None]:
            self.environment.pop(name, None)

    def use(self, emulator: Control, *, key: bool = True) -> None:
        self.set(HW_REGION_NAME=REGION, HW_ENDPOINT_MODELARTS=emulator.url, HW_ENDPOINT_IAM=emulator.url)
        if key:
            self.set(HW_ACCESS_KEY=emulator.access_key, HW_SECRET_KEY=emulator.secret_key)

    def examine(self, region: str | None = None, *, clock_off: timedelta = timedelta()) -> dict[str, Finding]:
        """The findings by check; each check is told once."""
        environment = {"PATH": str(self.programs), "HOME": str(self.home), **self.environment}
        found = examine(region, environment, lambda: datetime.now(UTC) + clock_off)
        by_check = {finding.check: finding for finding in found}
        assert len(by_check) == len(found), found
        assert all(finding.mend for finding in found if finding.status == "error"), found
        return by_check


def errors(found: dict[str, Finding]) -> set[str]:
    return {check for check, finding in found.items() if finding.status == "error"}


def unchecked(found: dict[str, Finding]) -> set[str]:
    return {check for check, finding in found.items() if finding.found.startswith("not checked")}
