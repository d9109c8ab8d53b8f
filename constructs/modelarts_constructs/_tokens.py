"""Telling tokens (values that CDK for Terraform resolves at synth) from literals, by their form and without a jsii call.

The forms were measured on cdktf 0.21 and cdktn 0.24: text for strings, lists and maps; for numbers a float whose upper
16 bits are a mark; for booleans and anything else an object that lives on the JavaScript side.
"""

from __future__ import annotations

import re
import struct
from typing import Any, Final

from modelarts_constructs._cdk import Construct
from modelarts_constructs.errors import NUMBER_STAND_IN
from modelarts_constructs.l1._references import Reference
from modelarts_constructs.l1._unknowns import Elements, Members

TOKEN_IN_TEXT: Final = re.compile(r"\$\{TfToken\[(?:[^\]]*\.)?\d+\]\}")
LIST_TOKEN: Final = re.compile(r"#\{TfToken\[(?:[^\]]*\.)?\d+\]\}")
MAP_TOKEN: Final = re.compile(r"&\{TfToken\[(?:[^\]]*\.)?\d+\]\}")
NUMBER_MARKS: Final = (0xFDFF, 0xFBFF)

_NUMBER_IN_TEXT: Final = re.compile(NUMBER_STAND_IN)
_OVERLOOKED_NUMBER: Final = re.compile(rf"[-+.\d]{_NUMBER_IN_TEXT.pattern}")
_BROKEN_TOKEN: Final = re.compile(
    rf"(?!{TOKEN_IN_TEXT.pattern}|{LIST_TOKEN.pattern}|{MAP_TOKEN.pattern})[$#&]\{{(?:(?i:tftoken)|TfT|(?i:tft(?:o(?:ke?)?)?)$)"
)
"""In other letters, or cut. What only begins alike is the text's own: ``${TFTP_HOST}`` in a script."""

_LATER: Final = "that is only known during the apply"
_OVERLOOKED: Final = (
    (
        _BROKEN_TOKEN,
        f"a piece of a value {_LATER}: its stand-in (a token) was cut or changed, as .upper() or [:8] do",
        "cdktf.Fn.upper(…) or cdktf.Fn.substr(…), which Terraform evaluates then,",
    ),
    (_OVERLOOKED_NUMBER, f"a number {_LATER} after a sign, a point or a digit", "cdktf.Token.as_string(number)"),
    (LIST_TOKEN, f"a list {_LATER}, as Python prints its stand-in", 'cdktf.Fn.join(",", the_list)'),
    (MAP_TOKEN, f"a map {_LATER}, as Python prints its stand-in", "cdktf.Fn.jsonencode(the_map)"),
    (
        re.compile(r"<(?:jsii|cdktf|cdktn)\.[^>]* object at "),
        f"an object {_LATER}, as Python prints it",
        "cdktf.Token.as_string(the_object)",
    ),
)
WHOLE_LIST: Final = f"a whole list {_LATER} among other elements, where [*the_list, more] has put it"
WHOLE_MAP: Final = f"a whole map {_LATER} among other members, where {{**the_map}} has put it"
"""What such a collection holds, in words that follow "holds"."""

_INTERPOLATION: Final = re.compile(r"([$%])\{(?!TfToken\[)")
_BEFORE_TOKEN: Final = re.compile(r"\$+(?=\$\{TfToken\[)")


def is_token(value: Any) -> bool:
    """Whether a value is a token, or text that holds one. Looks at the value itself, not at a collection's elements."""
    if isinstance(value, str):
        return ("{TfToken[" in value and TOKEN_IN_TEXT.search(value) is not None) or number_token_in(value)
    if isinstance(value, float):
        return int.from_bytes(struct.pack(">d", value)[:2], "big") in NUMBER_MARKS
    if isinstance(value, Elements | Members):  # they refuse to be counted
        return True
    if isinstance(value, list):
        return len(value) == 1 and _is_list_token(next(iter(value)))
    if isinstance(value, dict):
        return len(value) == 1 and all(isinstance(key, str) and MAP_TOKEN.fullmatch(key) for key in value)
    return isinstance(value, Reference) or is_resolvable(value)


def is_merged(value: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> bool:
    """Whether a list or map token was put together with other elements, as ``token + [...]`` and ``{**token}`` do."""
    if isinstance(value, Elements | Members) or len(value) < 2:  # noqa: PLR2004 - alone it is the token itself
        return False
    if isinstance(value, dict):
        return any(isinstance(key, str) and MAP_TOKEN.fullmatch(key) for key in value)
    return any(_is_list_token(element) for element in value)


def _is_list_token(element: Any) -> bool:
    if isinstance(element, str):
        return LIST_TOKEN.fullmatch(element) is not None
    return isinstance(element, float) and struct.pack(">d", element)[:2] == b"\xfb\xff"


def is_resolvable(value: Any) -> bool:
    """Whether a value is an object of the CDK library that resolves to a value (and no construct)."""
    return hasattr(value, "__jsii_ref__") and not isinstance(value, Construct)


def number_token_in(text: str) -> bool:
    """Whether a number token was formatted into the text."""
    return "e+2" in text and _NUMBER_IN_TEXT.search(text) is not None


def overlooked(text: str) -> tuple[str, str] | None:
    """A token that stands in the text in a form that the CDK library overlooks: (what it is, what to write instead).

    A number after ``-`` reads as part of the text, and the configuration would hold ``-8.1e+298``; a list or a map is
    there as Python prints it. The one text of a list token's only element is no such case.
    """
    if "e+2" not in text and "{T" not in text and "{t" not in text and " object at " not in text:
        return None
    for pattern, what, instead in _OVERLOOKED:
        if pattern.search(text) and not (pattern in {LIST_TOKEN, MAP_TOKEN} and pattern.fullmatch(text)):
            return what, instead
    return None


def unseen(text: str) -> tuple[str, str] | None:
    """What ``overlooked`` finds, and any number token: for text that only its string tokens are taken out of.

    Args:
        text: The text.
    """
    if number_token_in(text):
        return f"a number {_LATER}, as Python prints its stand-in", "cdktf.Token.as_string(number)"
    return overlooked(text)


def literal(text: str) -> str:
    """Text that means itself, as Terraform writes that: ``${``, ``%{``, and a ``$`` before a token; tokens stay tokens."""
    if "{" not in text:
        return text
    escaped = _INTERPOLATION.sub(r"\1\1{", text)
    return _BEFORE_TOKEN.sub(lambda match: f'${{"{match[0]}"}}', escaped)
