"""Scripts that run when a notebook starts."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Self

from pydantic import Strict, model_validator

from modelarts_constructs._cdk import cdktf
from modelarts_constructs._checks import TOKENS, Text, Value, present
from modelarts_constructs._rules import one_of
from modelarts_constructs._tokens import TOKEN_IN_TEXT, is_token, unseen
from modelarts_constructs.errors import ConstructError, kind_of, shown

MODES: Final = ("ASYNC", "BLOCK")


class Hook(Value):
    """A script for a notebook's start: ``Hook.command(...)``, ``Hook.command_file(...)`` or ``Hook.script(...)``."""

    type: Annotated[str, Strict(), one_of("SCRIPT", "COMMAND"), TOKENS] | None = None
    run: Text
    """What the resource calls ``script``: a path (SCRIPT) or Base64 text (COMMAND)."""

    mode: Annotated[str, Strict(), one_of(*MODES), TOKENS] | None = None

    @classmethod
    def command(cls, text: str, *, mode: str | None = None) -> Hook:
        """Shell commands. They are encoded here: ``${NAME}`` in them is the shell's, tokens are Terraform's.

        Args:
            text: The commands.
            mode: ``BLOCK`` to wait for them, ``ASYNC`` not to; the service's default when unset.
        """
        return cls._checked(type="COMMAND", run=_encoded(text), mode=mode)

    @classmethod
    def command_file(cls, path: str | os.PathLike[str], *, mode: str | None = None) -> Hook:
        """Shell commands from a file on this machine, read now and sent as it is.

        Args:
            path: The file.
            mode: ``BLOCK`` to wait for them, ``ASYNC`` not to; the service's default when unset.
        """
        _require("path", path, str | os.PathLike)
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            msg = f"Hook: path is {shown(os.fspath(path))}: must be a file that can be read ({error.strerror})"
            raise ConstructError(msg) from None
        if not content:
            msg = f"Hook: path is {shown(os.fspath(path))}: must be a file that holds at least one command, and it is empty"
            raise ConstructError(msg)
        return cls._checked(type="COMMAND", run=base64.b64encode(content).decode(), mode=mode)

    @classmethod
    def encoded_command(cls, encoded: str, *, mode: str | None = None) -> Hook:
        """Shell commands that are encoded already.

        Args:
            encoded: Base64 text.
            mode: ``BLOCK`` to wait for them, ``ASYNC`` not to; the service's default when unset.
        """
        _require("the encoded command", encoded, str)
        return cls._checked(type="COMMAND", run=encoded, mode=mode)

    @classmethod
    def script(cls, path: str, *, mode: str | None = None) -> Hook:
        """A script that is on the notebook's storage already.

        Args:
            path: Its absolute path there, such as ``/home/ma-user/work/init.sh``.
            mode: ``BLOCK`` to wait for it, ``ASYNC`` not to; the service's default when unset.
        """
        _require("path", path, str)
        return cls._checked(type="SCRIPT", run=path, mode=mode)

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if is_token(self.type) or is_token(self.run):
            return self
        if self.type == "COMMAND" and not _is_base64(self.run):
            msg = "the encoded command must be Base64 text; Hook.command(...) encodes for you"
            raise ValueError(msg)
        if self.type != "COMMAND" and not _is_absolute_path(self.run):
            msg = "path must be an absolute path such as /home/ma-user/work/init.sh"
            raise ValueError(msg)
        return self

    def attributes(self) -> dict[str, Any]:
        """The value as a member of the resource's ``hooks`` attribute."""
        return {"script" if name == "run" else name: value for name, value in present(self).items()}


def _is_base64(text: str) -> bool:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(decoded) and len(text) == len(base64.b64encode(decoded))


def _is_absolute_path(text: str) -> bool:
    return text.startswith("/") and not text.endswith("/") and "\n" not in text and "\x00" not in text


def _require(name: str, value: object, kind: type | UnionType) -> None:
    """Refuse a value of another kind, by the name that the user knows it by.

    Raises:
        ConstructError: it is.
    """
    if not isinstance(value, kind):
        msg = f"Hook: {name} is {kind_of(value)}: must be text"
        raise ConstructError(msg)


def _encoded(text: str) -> str:
    """Base64 of the text; where it holds tokens, the expression that has Terraform encode it.

    The literal parts go into that expression encoded as well: text inside a function call would have to be escaped for
    two languages, and the CDK library's own escaping loses ``${`` (measured on cdktf 0.21).
    """
    _require("the command", text, str)
    if not text:
        msg = "Hook: the command must be the text of at least one command"
        raise ConstructError(msg)
    if lost := unseen(text):
        what, instead = lost
        msg = f"Hook: the command holds {what}, which would be encoded as it stands: write {instead} in the text"
        raise ConstructError(msg)
    try:
        literals = [part.encode() for part in TOKEN_IN_TEXT.split(text)]
    except UnicodeEncodeError as error:
        msg = f"Hook: the command must be text that UTF-8 can encode ({error.reason})"
        raise ConstructError(msg) from None
    tokens = TOKEN_IN_TEXT.findall(text)
    if not tokens:
        return base64.b64encode(literals[0]).decode()
    parts: list[str] = []
    for index, part in enumerate(literals):
        if part:
            parts.append(cdktf.Fn.base64decode(base64.b64encode(part).decode()))
        parts += tokens[index : index + 1]
    return cdktf.Fn.base64encode(cdktf.Fn.join("", parts))
