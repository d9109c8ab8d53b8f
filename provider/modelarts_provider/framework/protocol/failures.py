"""What a call answers that can't be answered: a request that doesn't fit, or a defect of the provider."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, Final

import msgpack

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.printable import MOST_CHARACTERS, one_line
from modelarts_provider.framework.protocol.dynamic_value import BadValue
from modelarts_provider.framework.protocol.encode import encode_diagnostics

Message = dict[str, Any]

_MOST_OF_AN_ERROR: Final = 300
_SHORTEST_VALUE: Final = 4  # shorter ones stand by chance in any text
_QUOTED: Final = re.compile(r"(?<!\w)(['\"]).*?(?:\1(?!\w)|$)")
_NULL: Final = {"msgpack": msgpack.packb(None), "json": b""}


class UnknownType(Exception):
    """The provider has no resource of that type."""

    def __init__(self, kind: str, name: str) -> None:
        self.summary = f"The provider has no {kind} {one_line(name, 100) or 'without a name'}"
        super().__init__(self.summary)


def failed(method: str, request: Message, error: Exception) -> Message:
    """The response of a call that ended with an exception."""
    found = Diagnostics()
    match error:
        case UnknownType():
            found.error(
                error.summary,
                "Nothing was changed. Correct the name, or run `terraform init -upgrade` where a newer version of the "
                "provider has it.",
            )
        case BadValue():
            found.error(
                "Terraform sent a value that doesn't fit the schema",
                f"{method}: {error}. Nothing was changed. Run `terraform init -upgrade` so that Terraform and the "
                "provider agree on the schema; if it stays, please report it.",
            )
        case _:
            found.error(
                "The provider met a defect of its own",
                f"{method} failed with {told(error, request)}. The last saved state is kept; look at the real instance "
                "before you go on. Please report this with the log of TF_LOG_PROVIDER=DEBUG.",
            )
    return {"diagnostics": encode_diagnostics(found), **_kept(method, request)}


def _kept(method: str, request: Message) -> Message:
    """The state that the response has to carry: one without makes a client forget the thing."""
    if method == "ApplyResourceChange":
        prior = request["prior_state"] or _NULL
        nothing = not prior["msgpack"] and prior["json"].strip() in (b"", b"null")
        return {"new_state": _NULL if nothing else prior, "private": request["planned_private"]}
    if method == "ReadResource":
        return {"new_state": request["current_state"], "private": request["private"]}
    return {}


def told(error: BaseException, request: Message) -> str:
    """The kind, the text and the place of an exception, without any value: texts of exceptions like to quote them."""
    text = str(error)[:MOST_CHARACTERS]
    for value in sorted(_texts(request), key=len, reverse=True):
        text = text.replace(value, "...")
    text = _QUOTED.sub("'...'", one_line(text, _MOST_OF_AN_ERROR))
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({PurePath(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{where}"


def frames_of(error: BaseException, request: Message) -> str:
    """The traceback of an exception and of those that led to it, with texts as ``told`` has them."""
    parts: list[str] = []
    at: BaseException | None = error
    while at is not None and len(parts) < 10:  # noqa: PLR2004 - a chain is short; a longer one tells nothing more
        frames = "".join(traceback.format_tb(at.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{told(at, request)}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\nwhich came of\n\n".join(parts)


def _texts(request: Message) -> Iterator[str]:
    """Every text that a request carries in its values, as far as they can be read."""
    for field in request.values():
        if not isinstance(field, Mapping) or not field.get("msgpack"):
            continue
        try:
            value = msgpack.unpackb(field["msgpack"], strict_map_key=False)
        except (ValueError, TypeError, msgpack.UnpackException, RecursionError):
            continue
        yield from (text for text in _leaves([value]) if len(text) >= _SHORTEST_VALUE)


def _leaves(values: Iterable[Any]) -> Iterator[str]:
    """The texts in a value, however deep: without recursion, which nesting could exhaust."""
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            left += value.values()
        elif isinstance(value, list):
            left += value
