"""Default and ignored tags from the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serving import served_provider
from terraform_workspace import Workspace, clean_environment, tags_there

from modelarts_emulator.testing import Control


@contextmanager
def served(folder: Path, emulator: Control, variables: dict[str, str]) -> Iterator[Workspace]:
    """A workspace of a provider with these variables; Terraform ends a process that serves no provider any more."""
    with served_provider(variables) as value:
        workspace = Workspace(folder, emulator, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
        workspace.configure(tags={"team": "a"})
        yield workspace


def test_defaults_and_what_is_ignored(tmp_path: Path, emulator: Control) -> None:
    variables = {
        "HW_DEFAULT_TAGS": "cost=1, env = a=b,",
        "HW_IGNORE_TAGS_KEYS": "owner, other",
        "HW_IGNORE_TAGS_KEY_PREFIXES": " ops:",
    }
    with served(tmp_path, emulator, variables) as workspace:
        workspace.apply().ok()
        theirs = {"owner": "x", "ops:backup": "y"}
        emulator.patch_notebook(workspace.id(), tags=tags_there(workspace) | theirs)
        workspace.clean()

        state = workspace.state()

        assert state is not None
        assert (state["tags"], state["tags_all"]) == ({"team": "a"}, {"team": "a", "cost": "1", "env": "a=b"})
        assert tags_there(workspace) == state["tags_all"] | theirs


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"HW_DEFAULT_TAGS": "_sys_x=secret"},
            'HW_DEFAULT_TAGS can\'t be used: default_tags["_sys_x"] has a key that is reserved',
        ),
        ({"HW_DEFAULT_TAGS": "terraform-provider-modelarts=secret"}, "not be terraform-provider-modelarts"),
        ({"HW_DEFAULT_TAGS": "a=secret!"}, 'default_tags["a"] must consist of'),
        ({"HW_DEFAULT_TAGS": "secret"}, "must be written as key=value,key2=value2"),
        ({"HW_DEFAULT_TAGS": "a=secret,a=2"}, "must not name a key twice"),
        (
            {"HW_DEFAULT_TAGS": "owner=secret", "HW_IGNORE_TAGS_KEYS": "owner"},
            "owner is set in the provider's default_tags",
        ),
        ({"HW_IGNORE_TAGS_KEY_PREFIXES": "te"}, "team is set in tags"),
    ],
    ids=str,
)
def test_what_cannot_be(tmp_path: Path, emulator: Control, variables: dict[str, str], words: str) -> None:
    with served(tmp_path, emulator, variables) as workspace:
        text = workspace.apply().failed().error_text()

        assert words in text
        assert "secret" not in text
        assert emulator.notebooks() == []
        assert workspace.calls() == []
