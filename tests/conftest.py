"""Tables in the test output: what a test records under ``table: TITLE`` stands below that title in the summary."""

from __future__ import annotations

from typing import Any

PREFIX = "table: "


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Gathered from the reports, which come from every worker process."""
    tables: dict[str, list[tuple[str, ...]]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call":
                continue
            for name, value in report.user_properties:
                if name.startswith(PREFIX):
                    tables.setdefault(name.removeprefix(PREFIX), []).append(tuple(value))
    for title, rows in tables.items():
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        terminalreporter.write_sep("-", title)
        for row in rows:
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            terminalreporter.write_line("  ".join(cells).rstrip())
