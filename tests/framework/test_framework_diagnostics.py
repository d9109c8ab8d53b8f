"""Details: lines are those that the provider makes, and never those of a text that it quotes."""

from __future__ import annotations

import pytest

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.protocol.encode import encode_diagnostics


@pytest.mark.parametrize("add", [Diagnostics.error, Diagnostics.warning])
def test_detail_line_breaks(add) -> None:
    found = Diagnostics()
    add(found, "summary\nError: faked", "quoted\r\nError: faked")
    add(found, "summary", ["first", "  quoted\nError: faked", "last"])
    one, several = encode_diagnostics(found)
    assert one["summary"] == r"summary\nError: faked"
    assert one["detail"] == r"quoted\r\nError: faked"
    assert several["detail"] == "first\n" + r"  quoted\nError: faked" + "\nlast"
