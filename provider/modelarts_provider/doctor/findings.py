"""What a check found, and how findings are told."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from modelarts_provider.api.errors import ApiError
from modelarts_provider.api.http.masking import mask_text
from modelarts_provider.framework.printable import printable

Status = Literal["ok", "warning", "error"]

LONGEST_TEXT: Final = 32 * 1024
"""Of what is said about one check: all flavors of a project are one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes:
        check: What was looked at.
        status: An error keeps the provider from working; a warning may.
        found: In words, never with a secret.
        mend: What to do; empty where nothing has to be done.
    """

    check: str
    status: Status
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    """A check that found nothing wrong."""
    return Finding(check, "ok", found)


def warning(check: str, found: str, mend: str = "") -> Finding:
    """Something that may be wrong, or could not be looked at."""
    return Finding(check, "warning", found, mend)


def error(check: str, found: str, mend: str) -> Finding:
    """Something that keeps the provider from working."""
    return Finding(check, "error", found, mend)


def failed(check: str, cause: ApiError) -> Finding:
    """A call (or the way to one) that failed."""
    return error(check, str(cause), cause.next_step)


def not_checked(check: str, because: str) -> Finding:
    """A check that makes no sense before another one's error is mended."""
    return warning(check, f"not checked: {because}")


def has_error(findings: Iterable[Finding]) -> bool:
    """Whether any of them keeps the provider from working."""
    return any(finding.status == "error" for finding in findings)


def without(findings: Iterable[Finding], secrets: Sequence[str]) -> list[Finding]:
    """The findings with every known secret replaced, and without anything that a terminal obeys.

    Messages of other programs and services are quoted in them, and what the environment says.
    """

    def cleaned(text: str) -> str:
        return printable(mask_text(text, secrets, LONGEST_TEXT), keep="\n")

    return [
        dataclasses.replace(finding, found=cleaned(finding.found), mend=cleaned(finding.mend)) for finding in findings
    ]


def as_json(findings: Iterable[Finding]) -> str:
    """A list of objects with check, status, found and mend."""
    return json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2, ensure_ascii=False) + "\n"


def as_text(findings: Sequence[Finding]) -> str:
    """One line per check, what to do below it, and the sum at the end."""
    width = max((len(finding.check) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{finding.status:<8} {finding.check:<{width}}  {' '.join(finding.found.split())}")
        if finding.mend:
            lines.append(f"{'':<8} {'':<{width}}  -> {' '.join(finding.mend.split())}")
    counts = [(status, sum(finding.status == status for finding in findings)) for status in ("ok", "warning", "error")]
    lines.append(
        ", ".join(f"{count} {status}{'s' if status != 'ok' and count != 1 else ''}" for status, count in counts)
    )
    return "\n".join(lines) + "\n"
