"""Windows is refused in one sentence, by the plugin and by the command line."""

from __future__ import annotations

import sys

import pytest

from modelarts_provider import cli
from modelarts_provider.framework.protocol.handshake import COOKIE_NAME, COOKIE_VALUE


@pytest.mark.parametrize("started_by", ["Terraform", "a person"])
def test_windows_is_refused(monkeypatch, capfd, started_by):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "argv", ["terraform-provider-modelarts", "--version"])
    if started_by == "Terraform":
        monkeypatch.setenv(COOKIE_NAME, COOKIE_VALUE)

    with pytest.raises(SystemExit) as refused:
        cli.main()

    sentence = str(refused.value.code)
    assert sentence.startswith("terraform-provider-modelarts does not run on Windows")
    assert sentence.count(". ") == 0
    assert "WSL" in sentence
    assert capfd.readouterr().out == ""
