"""For tests of your own stacks: what was synthesised, and what Terraform would do with it.

def test_the_team_has_a_disk():
    template = Template.synth(Team(scratch_app(), "team"))
    template.has_notebook(name="train", storage={"size": 50})
    plan = template.to_plan("http://127.0.0.1:8080")
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from modelarts_constructs._cdk import cdktf
from modelarts_constructs._differences import ABSENT, differences
from modelarts_constructs._expectations import SETS, expected_shapes, misnamed
from modelarts_constructs._plan import Emulator, PlanError, plan
from modelarts_constructs.errors import shown
from modelarts_constructs.l1._native import full_synth

__all__ = ["ABSENT", "Emulator", "PlanError", "Template", "scratch_app"]

_NOTEBOOK: Final = "modelarts_notebook"
_PROVIDER: Final = "modelarts"


def scratch_app() -> cdktf.App:
    """An app for stacks under test, as ``cdktf.Testing.app()`` makes it, whose folder is gone when the process ends."""
    folder = tempfile.mkdtemp(prefix="modelarts-app-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return cdktf.Testing.app(outdir=folder)


class Template:
    """The Terraform configuration that a stack becomes, as ``cdktf synth`` writes it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take a configuration.

        Args:
            document: The parsed JSON of ``cdk.tf.json``.
        """
        self._document = dict(document)

    @classmethod
    def synth(cls, stack: cdktf.TerraformStack) -> Self:
        """Synthesise a stack; aspects, validations and error annotations count as in ``cdktf synth``.

        Args:
            stack: The stack. References to other stacks stay references: they are resolved for whole apps only.

        Raises:
            RuntimeError: a validation failed or an error annotation is there; the message has it.
        """
        with tempfile.TemporaryDirectory(prefix="modelarts-synth-") as folder:
            (file,) = Path(full_synth(stack, folder)).glob("stacks/*/cdk.tf.json")
            return cls(json.loads(file.read_text(encoding="utf-8")))

    @property
    def document(self) -> Mapping[str, Any]:
        """The whole configuration."""
        return self._document

    def resources(self, type_name: str) -> dict[str, dict[str, Any]]:
        """The resources of one type by their names in Terraform, without the CDK library's remarks.

        Args:
            type_name: The full type, such as ``modelarts_notebook``.
        """
        found = self._document.get("resource", {}).get(type_name, {})
        return {name: _without_remarks(body) for name, body in found.items()}

    def notebooks(self) -> dict[str, dict[str, Any]]:
        """The notebooks by their names in Terraform: the attributes that were written."""
        return self.resources(_NOTEBOOK)

    def provider(self, alias: str | None = None) -> dict[str, Any]:
        """The block of our provider.

        Args:
            alias: Which one, where there are several; None is the one without alias.

        Raises:
            AssertionError: there is none; the message has those that are there.
        """
        blocks = self._document.get("provider", {}).get(_PROVIDER, [])
        for block in blocks:
            if block.get("alias") == alias:
                return dict(block)
        there = ", ".join(repr(block.get("alias")) for block in blocks) or "none at all"
        msg = f"no provider {_PROVIDER} has the alias {alias!r}; there is {there}"
        raise AssertionError(msg)

    def has_notebook(self, id: str | None = None, /, **attributes: Any) -> str:  # noqa: A002 - as every construct calls it
        """Assert that a notebook has these attributes, whatever others it has.

        A dict matches when its members do, a list when it has the same elements: in any order where the attribute is a
        set (such as ``key_pair_names``) or a set is expected. ``ABSENT`` stands for an attribute that isn't written.
        The friendly values stand for what they write: ``storage=Storage.evs(size=50)``,
        ``endpoints=[Endpoint.ssh(...)]``, ``pre_start=Hook.command(...)``, ``auto_stop=AutoStop.after(hours=4)``.

        Args:
            id: The name in Terraform of the notebook that is meant; None: any.
            **attributes: What is expected, by the attributes' names in Terraform or the names of the arguments of
                ``Notebook``.

        Returns:
            The name in Terraform of the first notebook that matches.

        Raises:
            AssertionError: none matches, or there is no such attribute; the message has the differences from the
                nearest notebook, each with its path, what was expected and what was found.
        """
        notebooks = self.notebooks()
        candidates = {name: body for name, body in notebooks.items() if id in (None, name)}
        if not candidates:
            msg = f"there is no notebook {id or ''}".rstrip() + f"; the stack has {', '.join(notebooks) or 'none'}"
            raise AssertionError(msg)
        if wrong := misnamed(attributes, {name for body in candidates.values() for name in body}):
            raise AssertionError(wrong)
        expected = expected_shapes(attributes)
        found = {name: list(differences(expected, body, SETS)) for name, body in candidates.items()}
        nearest = min(found, key=lambda name: len(found[name]))
        if not found[nearest]:
            return nearest
        others = [f"{name} ({len(lines)} differences)" for name, lines in found.items() if name != nearest]
        lines = [
            f"no notebook is like that; the nearest is {nearest}:",
            *(f"  {line}" for line in found[nearest]),
            *([f"others: {', '.join(others)}"] if others else []),
        ]
        raise AssertionError("\n".join(lines))

    def to_plan(self, emulator: str | Emulator, *, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Have Terraform plan the configuration from nothing, with the installed provider and an emulator.

        Nothing is read from or written to the stack's backend, and no setting of the environment reaches the provider:
        addresses, keys and project are the emulator's whatever the stack says, so that no test meets the real service.

        Args:
            emulator: Its address, or an object that has it as ``url`` (and ``access_key``, ``secret_key``,
                ``project_id`` and ``region``, where they aren't the emulator's usual ones).
            variables: Values of the stack's variables.

        Returns:
            The plan as ``terraform show -json`` prints it.

        Raises:
            PlanError: Terraform refuses the configuration; the message has its words.
        """
        return plan(self._document, emulator, variables or {})

    def __repr__(self) -> str:
        return f"<Template with the notebooks {shown(list(self.notebooks()))}>"


def _without_remarks(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "//"}
