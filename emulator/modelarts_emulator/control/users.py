"""The control's view of the users: who there is, and what each may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelarts_emulator.control.console_changes import InvalidControl

if TYPE_CHECKING:
    from modelarts_emulator.config import User
    from modelarts_emulator.emulator import Emulator


def look(emulator: Emulator, user: User) -> dict[str, Any]:
    """One user, without secrets."""
    return {
        "id": user.id,
        "name": user.name,
        "domain_name": user.domain_name,
        "access_key": user.access_key,
        "denied": emulator.permissions.denied(user.name),
    }


def change(emulator: Emulator, user: User, data: Any) -> None:
    """Take actions away from a user: ``{"denied": [...]}``, which replaces what was taken away before.

    Raises:
        InvalidControl: the body has another form, or no call needs what it names.
    """
    denied = data.get("denied") if isinstance(data, dict) and set(data) == {"denied"} else None
    if not isinstance(denied, list) or not all(isinstance(each, str) for each in denied):
        raise InvalidControl('send {"denied": ["modelarts:notebook:list"]}, or an empty list to allow everything')
    emulator.permissions.deny(user.name, denied)
    emulator.control_dirty = True
