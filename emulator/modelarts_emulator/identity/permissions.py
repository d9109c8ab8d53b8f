"""Who may do what: roles for tests. Everybody may do everything, until an action is taken away.

Which action a call needs is Huawei's page of fine-grained permissions for development environments (modelarts_03_0365,
2025-11) and, of IAM, its page of actions. Calls that those pages name none for are denied by the operation's name.
"""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from modelarts_emulator.control.console_changes import InvalidControl
from modelarts_emulator.errors import Refusal, refuse
from modelarts_emulator.http import routes
from modelarts_emulator.identity import iam

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modelarts_emulator.config import User
    from modelarts_emulator.identity.iam import IamCall

ACTIONS: dict[str, str] = {
    "CreateNotebook": "modelarts:notebook:create",
    "ListNotebooks": "modelarts:notebook:list",
    "ListAllNotebooks": "modelarts:notebook:listAllNotebooks",
    "ShowNotebook": "modelarts:notebook:get",
    "UpdateNotebook": "modelarts:notebook:update",
    "DeleteNotebook": "modelarts:notebook:delete",
    "StartNotebook": "modelarts:notebook:start",
    "StopNotebook": "modelarts:notebook:stop",
    "RenewLease": "modelarts:notebook:updateStopPolicy",
    "CreateImage": "modelarts:image:create",
    "AttachDynamicStorage": "modelarts:notebook:mountStorage",
    "ListDynamicStorages": "modelarts:notebook:listMountedStorages",
    "ShowDynamicStorage": "modelarts:notebook:getMountedStorage",
    "DetachDynamicStorage": "modelarts:notebook:umountStorage",
    "ListImage": "modelarts:image:list",
    "ShowImage": "modelarts:image:get",
    "RegisterImage": "modelarts:image:register",
    "DeleteImage": "modelarts:image:delete",
    "SyncImage": "modelarts:image:sync",
    "KeystoneListProjects": "iam:projects:listProjects",
}
"""The SDK's name of an operation -> the action that it needs."""

SIGNED_IAM: frozenset[str] = frozenset(
    {"KeystoneListProjects", "KeystoneListAuthProjects", "KeystoneListAuthDomains", "GetCallerIdentity"}
)
"""Operations of IAM and STS that can be denied: those that everybody calls with credentials."""

OPERATIONS: frozenset[str] = frozenset({operation.name for operation in routes.OPERATIONS}) | SIGNED_IAM


class Permissions:
    """What is taken away from whom, by the user's name.

    Args:
        denied: actions (``*`` stands for any characters) and names of operations, by user.
    """

    def __init__(self, denied: Mapping[str, Iterable[str]]) -> None:
        self._denied: dict[str, tuple[str, ...]] = {}
        for user, what in denied.items():
            self.deny(user, what)

    def deny(self, user: str, what: Iterable[str]) -> None:
        """Take exactly these away from a user, and give back all others.

        Raises:
            InvalidControl: no call needs one of them.
        """
        wanted = tuple(dict.fromkeys(what))
        for each in wanted:
            if not any(_means(each, operation) for operation in OPERATIONS):
                raise InvalidControl(_unknown(each))
        self._denied.pop(user, None)
        if wanted:
            self._denied[user] = wanted

    def denied(self, user: str) -> list[str]:
        """What is taken away from a user."""
        return list(self._denied.get(user, ()))

    def to_json(self) -> dict[str, list[str]]:
        """Everything that is taken away, by user."""
        return {user: list(what) for user, what in self._denied.items()}

    def check(self, user: User, operation: str) -> None:
        """Raise 403 ModelArts.0112 unless the user may call the operation."""
        if self._denies(user, operation):
            raise refuse("0112", f"The policy does not allow {_needed(operation)} to be performed.", status=403)

    def check_iam(self, call: IamCall, operation: str | None) -> None:
        """The same for IAM and STS, in IAM's own form; nobody's credentials are asked for where nothing is denied."""
        if operation in SIGNED_IAM and self._denied and self._denies(call.caller().user, operation):
            raise _iam_refusal(operation)

    def _denies(self, user: User, operation: str) -> bool:
        return any(_means(each, operation) for each in self._denied.get(user.name, ()))


def _iam_refusal(operation: str) -> Refusal:
    return iam.refuse(403, f"You are not authorized to perform the requested action: {_needed(operation)}.")


def _needed(operation: str) -> str:
    return ACTIONS.get(operation, operation)


def _means(denied: str, operation: str) -> bool:
    """Whether an action or the name of an operation stands for this operation."""
    return denied == operation or fnmatchcase(ACTIONS.get(operation, ""), denied)


def _unknown(what: str) -> str:
    known = sorted({*ACTIONS.values(), *OPERATIONS})
    close = difflib.get_close_matches(what, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"no call needs {what!r}: name an action such as 'modelarts:notebook:list', or an operation{hint}"
