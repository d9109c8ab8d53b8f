"""Python source text that the formatter leaves as it is: docstrings, wrapped paragraphs, exact imports."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Final

WIDTH: Final = 120
GENERATED: Final = "Generated from the provider's schema by `make generate`: change the schema, not this file."

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")


def docstring(text: str, indent: str, fallback: str, sections: Iterable[str] = ()) -> list[str]:
    """The lines of a docstring.

    Args:
        text: What to say; its first sentence becomes the summary line.
        indent: The spaces before each line.
        fallback: The summary where the first sentence is longer than a line.
        sections: Lines to append, already wrapped, relative to the indent.
    """
    quotes = 'r"""' if "\\" in text or any("\\" in line for line in sections) else '"""'
    summary, *rest = _SENTENCE_END.split(text, maxsplit=1)
    body = " ".join(rest)
    if len(indent) + len(summary) + 2 * len('"""') + 1 > WIDTH:
        summary, body = fallback, text
    lines = [f"{indent}{quotes}{summary}"]
    if body:
        lines += ["", *wrapped(body, indent)]
    added = [f"{indent}{line}".rstrip() for line in sections]
    if added:
        lines += ["", *added]
    if len(lines) == 1:
        return [f'{lines[0]}"""']
    return [*lines, f'{indent}"""']


def wrapped(text: str, indent: str, hanging: str = "") -> list[str]:
    """A paragraph, wrapped at the line length."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def imports(body: str, names_by_module: Mapping[str, Iterable[str]]) -> list[str]:
    """``from … import …`` lines for the names that the body uses, one line for each module."""
    lines = []
    for module, names in names_by_module.items():
        used = [name for name in names if re.search(rf"\b{re.escape(name)}\b", body)]
        if used:
            lines.append(f"from {module} import {', '.join(used)}")
    return lines
