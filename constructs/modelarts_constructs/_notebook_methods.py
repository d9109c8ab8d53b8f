"""What can be said of a notebook after it was made: methods that add to it, each checked as the arguments are."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Final, TypeVar

from modelarts_constructs._addresses import unusual_addresses
from modelarts_constructs._cdk import cdktf
from modelarts_constructs._notebook_arguments import new_value_problems, notebook_attributes
from modelarts_constructs._tokens import is_token
from modelarts_constructs.auto_stop import AutoStop
from modelarts_constructs.endpoint import Endpoint
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.hook import Hook
from modelarts_constructs.l1._base import Written
from modelarts_constructs.l1._native import refuse

ValueT = TypeVar("ValueT")

_WAY_OUT: Final = "one that exists may keep it: call import_from, or move_from_id after a rename in the stack"
_NOT_THE_USERS: Final = frozenset({"modelarts_constructs", "jsii"})


class NotebookMethods(Written):
    """Methods of ``Notebook`` that add to what its arguments said; what would contradict them is an error.

    It stands behind the CDK library's class among the bases of ``Notebook``: ``ResourceBase`` says why.
    """

    _given: dict[str, Any]
    """The friendly arguments by name; None stands for one that was left out."""

    _refused: dict[str, str]
    """What a new notebook can't have, each with the line that wrote it."""

    _warned: tuple[str, ...]

    @property
    def notebook_id(self) -> str:
        """The id (UUID) of the instance, as a token."""
        return self._string("id")

    def allow_ssh(self, *, from_ips: Iterable[str] | None = None, key_pair: str | Iterable[str] | None = None) -> None:
        """Let people log in through SSH. Called again, it adds addresses and key pairs.

        Args:
            from_ips: Public IPv4 addresses that may connect, at most five in all. Required until there is one: without
                any, the service lets every address in.
            key_pair: Name of the key pair that may log in, or several names.

        Raises:
            ConstructError: SSH would be open to everybody, or is open already and this would close it to others.
        """
        endpoints: tuple[Endpoint, ...] = () if self._given["endpoints"] is None else tuple(self._given["endpoints"])
        present = next((endpoint for endpoint in endpoints if endpoint.service == "SSH"), None)
        addresses = self._joined("from_ips", present and present.allowed_access_ips, from_ips)
        if _nothing(addresses):
            problem = (
                "allow_ssh without from_ips would let every address in: name the addresses that may connect "
                "(Endpoint.ssh() in endpoints is the way to let in all)"
            )
            raise self._refuse(problem)
        if present is not None and _nothing(present.allowed_access_ips):
            problem = (
                "its SSH endpoint lets every address in, and from_ips would close it to others: write them in endpoints"
            )
            raise self._refuse(problem)
        names = [key_pair] if isinstance(key_pair, str) else key_pair
        keys = self._joined("key_pair", present and present.key_pair_names, names)
        try:
            ssh = Endpoint.ssh(key_pair_names=None if _nothing(keys) else keys, allowed_access_ips=addresses)
        except ConstructError as error:
            raise self._refuse(str(error)) from None
        others = tuple(endpoint for endpoint in endpoints if endpoint is not present)
        self._rewrite(endpoints=(*others, ssh))

    def stop_after(self, *, hours: float = 0, minutes: float = 0) -> None:
        """Have it stop so long after each start, used or not; 1 to 72 hours.

        Args:
            hours: Whole or broken hours.
            minutes: Minutes, added to the hours.

        Raises:
            ConstructError: another auto-stop is set already.
        """
        self._set_once("auto_stop", AutoStop.after(hours=hours, minutes=minutes))

    def stop_when_idle(self, *, hours: float = 0, minutes: float = 0) -> None:
        """Have it stop when nobody has used it for so long.

        Args:
            hours: Whole or broken hours.
            minutes: Minutes, added to the hours.

        Raises:
            ConstructError: another auto-stop is set already.
        """
        self._set_once("auto_stop", AutoStop.when_idle(hours=hours, minutes=minutes))

    def before_start(self, hook: Hook) -> None:
        """Run a script before the service starts, at each start.

        Args:
            hook: What to run.

        Raises:
            ConstructError: another script is set already: the service takes one.
        """
        self._set_once("pre_start", hook)

    def on_start(self, hook: Hook) -> None:
        """Run a script after the service has started, at each start.

        Args:
            hook: What to run, such as ``Hook.command_file("setup.sh")``.

        Raises:
            ConstructError: another script is set already: the service takes one.
        """
        self._set_once("post_start", hook)

    def add_tag(self, key: str, value: str) -> None:
        """Add a tag.

        Args:
            key: Its key, 1 to 128 characters.
            value: Its value, at most 255 characters.

        Raises:
            ConstructError: the key has another value already, or there would be more than 19 tags.
        """
        tags = {} if self._given["tags"] is None else self._given["tags"]
        if is_token(tags):
            raise self._refuse(
                "tags is a map that is only known during the apply, and nothing can be put into it: "
                "write tags=cdktf.Fn.merge([the_map, more])"
            )
        if tags.get(key, value) != value:
            raise self._refuse(f"tag {key!r} has another value already: say it in one place")
        self._rewrite(tags={**tags, key: value})

    def _refuse(self, problem: str) -> ConstructError:
        return ConstructError(f"{self._element().node.path}: {problem}")

    def _rewrite(self, **changed: Any) -> None:
        """Check and write the arguments anew, with these in place of what was there."""
        given = {**self._given, **changed}
        self._write(notebook_attributes(lambda: self._element().node.path, given))
        self._given = given
        self._note_unusual()

    def _note_unusual(self) -> None:
        """Have the synthesis fail for what a new notebook can't have, and warn of addresses that aren't public."""
        problems = new_value_problems(self._given)
        if problems or self._refused:
            self._refused = {problem: self._refused.get(problem) or _users_line() for problem in problems}
            refuse(self._element(), [f"{problem}; {_WAY_OUT} ({line})" for problem, line in self._refused.items()])
        warnings = tuple(unusual_addresses(self._given["endpoints"]))
        for text in warnings:
            if text not in self._warned:
                cdktf.Annotations.of(self._element()).add_warning(text)
        self._warned = warnings

    def _set_once(self, name: str, value: ValueT) -> None:
        there = self._given[name]
        if there is None:
            self._rewrite(**{name: value})
        elif there != value:
            words = (
                "has another value already"
                if isinstance(there, Hook | AutoStop)
                else f"is {_words(there)} already, and can't be {_words(value)} as well"
            )
            problem = f"{name} {words}: say it in one place"
            raise self._refuse(problem)

    def _joined(self, name: str, there: Any, more: Iterable[str] | None) -> Any:
        """Two collections as one; an expression stays alone."""
        if more is None:
            return there
        given: object = more
        if not is_token(given) and (isinstance(given, str) or not isinstance(given, Iterable)):
            example = f", such as [{shown(given)}]" if isinstance(given, str) else ""
            raise self._refuse(f"{name} is {shown(given)}: must be a list{example}")
        more = more if isinstance(more, str | list) else tuple(more)
        if _nothing(there):
            return more
        if is_token(there) or is_token(more):
            raise self._refuse(
                f"{name} can't be put together with a list that is only known during the apply: "
                "write cdktf.Fn.concat([the_list, more]) in endpoints"
            )
        return tuple(dict.fromkeys((*there, *more)))


def _nothing(collection: Any) -> bool:
    """Whether there is nothing in it; an expression may hold anything, and can't be asked."""
    return not is_token(collection) and not collection


def _words(value: Any) -> str:
    members = ", ".join(f"{name}={member!r}" for name, member in value) if hasattr(value, "model_fields_set") else ""
    return f"{type(value).__name__}({members})" if members else shown(value)


def _users_line() -> str:
    """The file and the line outside of this package that are being executed."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() would read the source of each frame
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_USERS:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
