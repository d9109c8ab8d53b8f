"""What is checked before a construct is made: its id, who is asking, and values that can be carried."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from modelarts_constructs._cdk import Construct, cdktf
from modelarts_constructs._plain import to_plain
from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._shapes import misshapen

HIDDEN_ID: Final = "Default"
"""The CDK library leaves it out of a resource's address."""

_PROCESS: Final = os.getpid()
_MAKING: Final = threading.RLock()
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def place(scope: Construct, id: str) -> str:  # noqa: A002 - the name that every construct has
    """The path of a construct that is about to be made, for errors."""
    above = scope.node.path
    return f"{above}/{id}" if above else id


def check_id(scope: object, id: object) -> None:  # noqa: A002 - the name that every construct has
    """Refuse an id that Terraform can't have.

    The CDK library would strip it to something else without a word: two ids may then meet, and one resource is lost.

    Raises:
        ConstructError: the id is no Terraform name, or the scope no construct.
    """
    if not isinstance(scope, Construct):
        msg = f"the construct {shown(id)} is put into {shown(scope)}: must be put into a stack or another construct"
        raise ConstructError(msg)
    if not isinstance(id, str):
        msg = f"{place(scope, shown(id))}: the id is {shown(id)}: must be text"
        raise ConstructError(msg)
    if is_token(id):
        msg = f'the id is {shown(id)}, and addresses are made of it before: must be text such as "train"'
        raise ConstructError(msg)
    if not _ID.fullmatch(id):
        msg = (
            f"{place(scope, id)}: the id {shown(id)} must start with a letter or an underscore "
            "and consist of ASCII letters, digits, underscores and hyphens"
        )
        raise ConstructError(msg)
    if id == HIDDEN_ID:
        msg = f"{place(scope, id)}: the id {id!r} is left out of addresses, so that another construct may get the same: choose another"
        raise ConstructError(msg)


def check_synthesised(scope: object, id: object) -> None:  # noqa: A002 - the name that every construct has
    """Refuse an id that Terraform can't have, and the app itself as the scope: no stack would synthesise what is there.

    Raises:
        ConstructError: the id is no Terraform name, or the scope no construct, or the app.
    """
    check_id(scope, id)
    if isinstance(scope, cdktf.App):
        msg = (
            f"the construct {shown(id)} is put into the app, which synthesises nothing but stacks: "
            "must be put into a stack or another construct below one"
        )
        raise ConstructError(msg)


def check_alias(at: Callable[[], str], alias: object) -> None:
    """Refuse an alias that Terraform can't have: it is part of addresses, and read before anything is evaluated.

    Args:
        at: The provider's path, asked for only when there is an error: it costs calls.
        alias: What was written; None stands for no alias.

    Raises:
        ConstructError: it is no Terraform name.
    """
    if alias is None:
        return
    if is_token(alias):
        msg = f'alias is {shown(alias)}, and Terraform needs the name before: must be text such as "west"'
    elif not isinstance(alias, str):
        msg = f"alias is {shown(alias)}: must be text"
    elif alias.startswith("-") or not alias.replace("-", "_").isidentifier():
        msg = (
            f"alias is {shown(alias)}: must start with a letter or an underscore "
            "and consist of letters, digits, underscores and hyphens"
        )
    else:
        return
    raise ConstructError(f"{at()}: {msg}")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Refuse what would cross two conversations with Node: another thread at the same time, or a forked process.

    Raises:
        ConstructError: that is so.
    """
    if os.getpid() != _PROCESS:
        msg = (
            "this process was forked from one that uses CDK for Terraform, and both would talk to the same Node: "
            'start it fresh, as multiprocessing.get_context("spawn") does'
        )
        raise ConstructError(msg)
    if not _MAKING.acquire(blocking=False):
        msg = "another thread is making a construct, and CDK for Terraform takes one at a time: make them in one thread"
        raise ConstructError(msg)
    try:
        yield
    finally:
        _MAKING.release()


@contextlib.contextmanager
def making(scope: Construct, id: str) -> Iterator[None]:  # noqa: A002 - the name that every construct has
    """Make a construct inside, alone.

    Raises:
        ConstructError: it can't be made now, or there is one with this id.
    """
    with alone():
        try:
            yield
        except RuntimeError as error:
            if "already a Construct" not in str(error):
                raise
            msg = f"{place(scope, id)}: there is a construct with this id already: choose another"
            raise ConstructError(msg) from None


def plain_attributes(made: type, at: Callable[[], str], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as the CDK library carries them, the absent ones left out.

    Args:
        made: The class that is made, whose annotations say what they must be.
        at: The construct's path, asked for only when there is an error: it costs calls.
        attributes: What was written, by name.

    Raises:
        ConstructError: a value can't be carried, or has another shape; the message starts with the construct's path.
    """
    try:
        plain = {name: to_plain(value, name) for name, value in attributes.items() if value is not None}
    except ConstructError as error:
        msg = f"{at()}: {error}"
        raise ConstructError(msg) from None
    if problem := misshapen(made, plain):
        msg = f"{at()}: {problem}"
        raise ConstructError(msg)
    return plain
