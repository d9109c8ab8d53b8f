"""Writes the table of assumptions into the emulator's guide: `make generate` runs it before the pages are rendered.

The provider's own renderer can't: it imports nothing of the emulator.
"""

from __future__ import annotations

import sys

from modelarts_emulator import assumptions
from tools.layout import ROOT

GUIDE = ROOT / "templates" / "guides" / "emulator.md.tmpl"
BEGIN, END = "<!-- assumptions: begin -->\n", "<!-- assumptions: end -->\n"


def renewed(text: str) -> str:
    """The guide's text with the table as it is now between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{assumptions.markdown().strip()}\n\n{END}{after}"


def main() -> int:
    """Renew the guide."""
    GUIDE.write_text(renewed(GUIDE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
