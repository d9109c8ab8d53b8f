"""A configuration of the examples, and what the API must hold when it has been deployed.

This is a reading of its own: nothing here is shared with the examples, the constructs or the provider, so that a value
that any of them loses or bends is seen.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Field of the comparison -> field of the update's request body (the reference page of the update API names them).
REQUEST_FIELDS: Mapping[str, str] = {
    "name": "name",
    "description": "description",
    "flavor": "flavor",
    "image": "image_id",
    "SSH key pairs": "endpoints",
    "SSH addresses": "endpoints",
    "hook before start": "hooks",
    "hook after start": "hooks",
    "storage, GB": "storage_new_size",
}
ABSENT = "-"

Fields = dict[str, str]


@dataclass(frozen=True)
class Row:
    """One line of the comparison.

    Attributes:
        field: What is compared.
        configured: What the configuration says, as text.
        held: What the API holds, as text.
    """

    field: str
    configured: str
    held: str

    @property
    def same(self) -> bool:
        """Whether the API holds what was configured."""
        return self.configured == self.held


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Reads a configuration file of the examples.

    Args:
        path: A JSON file with `{"notebooks": {key: {...}}}`.

    Returns:
        The notebooks by their keys.
    """
    notebooks: dict[str, dict[str, Any]] = json.loads(path.read_text())["notebooks"]
    return notebooks


def configured(notebook: Mapping[str, Any]) -> Fields:
    """Returns what the API must hold for one notebook of a configuration, by field, as text."""
    ssh = notebook.get("ssh") or {}
    command = notebook.get("post_start_command")
    after = f"COMMAND {command}" if command else _script(notebook.get("post_start_script"))
    return {
        "name": notebook["name"],
        "description": notebook.get("description") or ABSENT,
        "flavor": notebook["flavor"],
        "image": notebook["image_id"],
        "SSH key pairs": _listed(ssh.get("key_pair_names")),
        "SSH addresses": _listed(ssh.get("allowed_access_ips")),
        "hook before start": _script(notebook.get("pre_start_script")),
        "hook after start": after,
        "storage, GB": str(notebook["storage_gb"]),
    }


def held(instance: Mapping[str, Any]) -> Fields:
    """Returns the same fields of an instance, as the emulator's control shows it.

    Args:
        instance: The answer of `GET /_emulator/notebooks/{id}`: the API's own answer, and the hooks that it hides.
    """
    entries = {entry.get("service"): entry for entry in instance.get("endpoints") or []}
    ssh = entries.get("SSH", {})
    hooks = instance.get("hooks") or {}
    return {
        "name": instance.get("name") or ABSENT,
        "description": instance.get("description") or ABSENT,
        "flavor": instance.get("flavor") or ABSENT,
        "image": (instance.get("image") or {}).get("id") or ABSENT,
        "SSH key pairs": _listed(ssh.get("key_pair_names")),
        "SSH addresses": _listed(ssh.get("allowed_access_ips")),
        "hook before start": _hook(hooks.get("pre_start")),
        "hook after start": _hook(hooks.get("post_start")),
        "storage, GB": str((instance.get("volume") or {}).get("capacity") or ABSENT),
    }


def compare(notebook: Mapping[str, Any], instance: Mapping[str, Any]) -> list[Row]:
    """Compares one notebook of a configuration with the instance, field by field.

    Args:
        notebook: One notebook of a configuration.
        instance: The answer of the emulator's control for the instance.
    """
    wanted, found = configured(notebook), held(instance)
    return [Row(field, wanted[field], found[field]) for field in REQUEST_FIELDS]


def changed_request_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Returns the fields that the one update's request body must have: those that changed, and no other."""
    old, new = configured(before), configured(after)
    return {REQUEST_FIELDS[field] for field in REQUEST_FIELDS if old[field] != new[field]}


def _listed(values: list[str] | None) -> str:
    return ", ".join(sorted(values)) if values else ABSENT


def _script(path: str | None) -> str:
    return f"SCRIPT {path}" if path else ABSENT


def _hook(hook: Mapping[str, Any] | None) -> str:
    """Writes a hook as people read it; a command travels as Base64."""
    if not hook:
        return ABSENT
    kind, script = hook.get("type", "SCRIPT"), hook.get("script", "")
    if kind != "COMMAND":
        return f"{kind} {script}"
    try:
        return f"{kind} {base64.b64decode(script, validate=True).decode()}"
    except (binascii.Error, UnicodeDecodeError):
        return f"{kind}, not Base64: {script}"
