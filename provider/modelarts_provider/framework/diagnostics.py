"""What a user is told: errors and warnings with a summary, a detail and the attribute's path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from modelarts_provider.framework.schema.paths import Path

Text = str | Sequence[str]
"""A detail: one text, or the lines of one."""


class Severity(IntEnum):
    """How grave it is; the numbers are the protocol's."""

    ERROR = 1
    WARNING = 2


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to tell.

    ``summary`` is a short phrase such as ``Unable to update disk "x"``; ``detail`` says what happened, what state
    the thing is in now and what to do next. Terraform folds warnings of equal summaries, so a summary names its resource.
    """

    severity: Severity
    summary: str
    detail: str = ""
    path: Path | None = None


class Diagnostics:
    """A collector that operations fill while they go on.

    Details quote what the service says, so a line break in a text is escaped: only a detail that is given as lines has
    several, and none of them can be the service's own.
    """

    def __init__(self, items: Iterable[Diagnostic] = ()) -> None:
        self._items: list[Diagnostic] = list(items)

    def error(self, summary: str, detail: Text = "", path: Path | None = None) -> None:
        """Add an error."""
        self._items.append(Diagnostic(Severity.ERROR, summary, _joined(detail), path))

    def warning(self, summary: str, detail: Text = "", path: Path | None = None) -> None:
        """Add a warning."""
        self._items.append(Diagnostic(Severity.WARNING, summary, _joined(detail), path))

    def extend(self, others: Iterable[Diagnostic]) -> None:
        """Add what another operation collected."""
        self._items.extend(others)

    @property
    def has_error(self) -> bool:
        """Whether any of them is an error."""
        return any(item.severity is Severity.ERROR for item in self._items)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Diagnostics({self._items!r})"


def lines_of(detail: Text) -> Sequence[str]:
    """The lines of a detail: a text is one, whatever it holds."""
    return (detail,) if isinstance(detail, str) else detail


def _joined(detail: Text) -> str:
    """The lines as one text; encoding it escapes whatever else a terminal obeys."""
    return "\n".join(line.replace("\n", r"\n") for line in lines_of(detail))
