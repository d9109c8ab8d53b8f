"""Checks of literal values, as pydantic annotations that let tokens through at every level without a jsii call.

The rules are those of the provider's schema (a test holds the two together); the words end the sentence "must …".
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from modelarts_constructs._cdk import Construct
from modelarts_constructs._rules import length, matches, unreserved
from modelarts_constructs._tokens import WHOLE_LIST, WHOLE_MAP, is_merged, is_token, overlooked
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._references import Reference


def _unless_token(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, str) and (lost := overlooked(value)):
        msg = f"holds {lost[0]}, and CDK for Terraform overlooks it there: must have {lost[1]} in its place"
        raise ValueError(msg)
    return value if is_token(value) else check(value)


TOKENS: Final = WrapValidator(_unless_token)
"""Lets a token through unchecked; written last, so that it comes before every check."""


def _ordered(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A set gets an order that is the same in every process."""
    return _unjoined(sorted(value, key=repr) if isinstance(value, set | frozenset) else value, check)


def _ipv4(value: str) -> str:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        msg = "must be an IPv4 address such as 203.0.113.7"
        raise ValueError(msg) from None
    return value


_AMOUNT: Final = r"\d+(?:\.\d+)?"
_DURATION: Final = re.compile(rf"(?:({_AMOUNT})h)?(?:({_AMOUNT})m)?(?:({_AMOUNT})s)?")


def duration_seconds(text: str) -> float:
    """The seconds of a duration such as ``1h30m``; 0 where the text is none."""
    parts = _DURATION.fullmatch(text)
    hours, minutes, seconds = (float(part or 0) for part in parts.groups()) if parts else (0.0, 0.0, 0.0)
    return 3600 * hours + 60 * minutes + seconds


def _duration(value: str) -> str:
    if duration_seconds(value) > 0:
        return value
    msg = 'must be a duration such as "90s", "30m" or "1h30m"'
    raise ValueError(msg)


def _unmerged(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    if is_merged(value):
        msg = f"holds {WHOLE_MAP}: must be cdktf.Fn.merge([the_map, more])"
        raise ValueError(msg)
    return check(value)


def _unjoined(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, Value):  # pydantic takes it for a list of its members
        msg = f"must be a list: [{_EXAMPLES[type(value).__name__]}]"
        raise ValueError(msg)  # noqa: TRY004 - what pydantic turns into its own error
    if isinstance(value, list | tuple) and is_merged(value):
        msg = f"holds {WHOLE_LIST}: must be cdktf.Fn.concat([the_list, more])"
        raise ValueError(msg)
    return check(value)


def _not_too_many_tags(tags: dict[str, str]) -> dict[str, str]:
    literals = [key for key in tags if not is_token(key)]
    if len(literals) <= MOST_TAGS:
        return tags
    msg = f"has {len(literals)} tags and must have at most {MOST_TAGS}, the provider's default_tags included"
    raise ValueError(msg)


def _whole(value: Any) -> Any:
    """A whole number that happens to be written as 50.0, as one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


ORDERED: Final = WrapValidator(_ordered)
WHOLE: Final = BeforeValidator(_whole)
MOST_TAGS: Final = 19
"""The service takes 20 tags, and one is the provider's."""

IPv4 = Annotated[str, Strict(), AfterValidator(_ipv4), TOKENS]
Duration = Annotated[str, Strict(), AfterValidator(_duration), TOKENS]
Text = Annotated[str, Strict(), TOKENS]
Switch = Annotated[bool, Strict(), TOKENS]
_TagKey = Annotated[
    str,
    Strict(),
    length(1, 128),
    matches(r"(?! )[\w .:=+@-]*(?<! )", "consist of letters, digits, spaces inside and _ . : = + - @"),
    unreserved(),
    TOKENS,
]
_TagValue = Annotated[
    str,
    Strict(),
    length(0, 255),
    matches(r"[\w .:=+@/-]*", "consist of letters, digits, spaces and _ . : / = + - @"),
    TOKENS,
]
Tags = Annotated[dict[Text, Text], WrapValidator(_unmerged), TOKENS]
NewTags = Annotated[dict[_TagKey, _TagValue], AfterValidator(_not_too_many_tags), WrapValidator(_unmerged), TOKENS]
"""Tags as a new notebook may have them: those that exist already may be others."""
UUID_WORDS: Final = "be a UUID such as e1a07296-22a8-4f05-8bc8-e936c8e54100"
UUID = Annotated[
    str,
    Strict(),
    matches(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", UUID_WORDS),
    TOKENS,
]

_WORDS: Final = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "dict_type": "must be a dict",
    "model_type": "must be a dict",
    "bool_type": "must be True or False",
    "missing": "is required",
    "extra_forbidden": "is not an argument here",
}


_EXAMPLES: Final = {
    "Storage": "Storage.evs(size=50)",
    "Endpoint": 'Endpoint.ssh(key_pair_names=["mine"])',
    "Hook": 'Hook.command("pip install pandas")',
    "AutoStop": "AutoStop.after(hours=4)",
}
"""How each friendly value is made, for those who wrote something else."""


_UNSHOWN: Final = frozenset({
    "tags", "default_tags", "hooks", "pre_start", "post_start", "run", "auto_stop", "duration",
})  # fmt: skip
"""Values that no error shows, whatever is wrong with them: scripts and tags may hold what nobody may read."""


def problems(where: str, error: ValidationError) -> str:
    """What pydantic found, in our words: the place, each value and what is allowed."""
    return f"{where}: " + "; ".join(each_problem(error))


def each_problem(error: ValidationError) -> list[str]:
    """What pydantic found, in our words, one text each."""
    return [_problem(item) for item in error.errors(include_url=False)]


def _problem(item: Any) -> str:
    steps, value = item["loc"], item["input"]
    is_key = steps[-1:] == ("[key]",)
    at = "".join(_step(step) for step in (steps[:-2] if is_key else steps)).lstrip(".")
    match item["type"]:
        case "value_error":
            words = str(item["ctx"]["error"])
        case "is_instance_of":
            words = f"must be made with {item['ctx']['class']}, such as {_EXAMPLES[item['ctx']['class']]}"
            if isinstance(value, Reference):
                words += ", of the reference's values one by one"
        case "tuple_type" if isinstance(value, str):
            words = f"must be a list, such as [{shown(value)}]"
        case kind:
            words = _WORDS.get(kind, item["msg"])
    if isinstance(value, Construct):
        words += ": write one of its values, such as .id or .string_value"
    if item["type"] == "missing":
        return f"{at} {words}"
    if not at:
        return words
    if isinstance(value, str) and "${" in value and not is_token(value) and overlooked(value) is None:
        words += '; text is literal here: write expression("var.name") for a Terraform expression'
    if is_key:
        return f"{at} has the key {shown(value)}: {words}"
    # What stands in an argument that doesn't exist was meant for another one, which may be one of a script.
    return f"{at} {words}" if item["type"] == "extra_forbidden" else f"{at} {_said(steps[0], value)}{words}"


def _said(first: int | str, value: Any) -> str:
    return "" if first in _UNSHOWN and value is not None else f"is {shown(value)}: "


def _step(step: int | str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{json.dumps(step, ensure_ascii=not step.isprintable())}]"


class Value(BaseModel):
    """A friendly value of a construct: checked where it is written, and unchangeable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise ConstructError(problems(type(self).__name__, error)) from None

    def attributes(self) -> dict[str, Any]:
        """The value as the resource's attribute has it: the members that are set."""
        return present(self)

    @classmethod
    def _checked(cls, **given: Any) -> Self:
        """Make one from values of any type: what is wrong is said at run time, in our words."""
        return cls(**given)


def present(value: BaseModel) -> dict[str, Any]:
    """The members that are set. Tokens stay what they are, which ``model_dump`` would warn about."""
    return {name: member for name, member in vars(value).items() if member is not None}
