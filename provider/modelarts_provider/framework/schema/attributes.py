"""The one declarative model of a resource, a data source or the provider block: inert data that others read.

Readers: the wire schema, validation, the plan, the registry pages, the JSON of ``schema`` and the generated constructs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

from modelarts_provider.framework.schema.types import ListOf, MapOf, ObjectOf, SetOf, Type
from modelarts_provider.framework.schema.validators import Validator
from modelarts_provider.framework.schema.values import UNKNOWN, is_empty


class Nesting(Enum):
    """How often a nested attribute's object occurs; the values are the protocol's numbers of ``Schema.Object``."""

    SINGLE = 1
    LIST = 2
    SET = 3
    MAP = 4


class OnPlan(Enum):
    """What a computed value becomes in the plan of an update that doesn't set it."""

    KEEP = "the prior value, or unknown where there was none"
    STABLE = "the prior value, null included, unless the resource's own rules know that this change alters it"
    UNKNOWN = "known after apply: any update can change it"


class ChangeKind(Enum):
    """What changing an attribute leads to."""

    READ_ONLY = "it can't be set"
    LOCAL = "no call: the provider alone uses it"
    IN_PLACE = "the instance is updated"
    REPLACE = "the instance is replaced"


@dataclass(frozen=True, slots=True)
class Change:
    """When an attribute can change. ``field`` names a row of the lifecycle's field table (in-place changes only)."""

    kind: ChangeKind
    field: str = ""


READ_ONLY: Final = Change(ChangeKind.READ_ONLY)
LOCAL: Final = Change(ChangeKind.LOCAL)
REPLACE: Final = Change(ChangeKind.REPLACE)


def in_place(field_name: str) -> Change:
    """A change that the update API makes, by the named row of the field table."""
    return Change(ChangeKind.IN_PLACE, field_name)


@dataclass(frozen=True, slots=True)
class Nested:
    """The type of an attribute whose members are attributes themselves."""

    nesting: Nesting
    attributes: Mapping[str, Attribute]


AttributeType: TypeAlias = Type | Nested


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute.

    ``default`` is the provider's own default, planned where the configuration leaves the attribute out.
    ``equivalent`` says of two values, neither null nor unknown, whether the service treats them as one: a change from one
    to the other is none, and a plan keeps the prior one.
    ``validators`` hold for every configuration, ``new_value_validators`` for what a create or an update would send: an
    existing instance may hold a value that breaks them. ``advice`` is what breaking it only warns of.
    """

    type: AttributeType
    description: str
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    deprecated: str = ""
    default: Any = None
    validators: tuple[Validator, ...] = ()
    new_value_validators: tuple[Validator, ...] = ()
    advice: tuple[Validator, ...] = ()
    change: Change = READ_ONLY
    on_plan: OnPlan = OnPlan.KEEP
    equivalent: Callable[[Any, Any], bool] | None = None

    def __post_init__(self) -> None:
        if self.required == (self.optional or self.computed):
            msg = "an attribute is either required, or optional and/or computed"
            raise ValueError(msg)
        if self.default is not None and not (self.optional and self.computed):
            msg = "an attribute with a default is optional and computed"
            raise ValueError(msg)

    @property
    def configurable(self) -> bool:
        """Whether a configuration may set it."""
        return self.required or self.optional

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values mean the same to the service: equal, both empty, equivalent, or so in every member."""
        if one is UNKNOWN or other is UNKNOWN:
            return False
        if one == other or (is_empty(one) and is_empty(other)):
            return True
        if self.equivalent is not None and one is not None and other is not None:
            return self.equivalent(one, other)
        return isinstance(self.type, Nested) and _same_objects(self.type, one, other)


def _same_objects(nested: Nested, one: Any, other: Any) -> bool:
    """Whether nested values mean the same. An object whose members are all empty means the same as none."""
    match nested.nesting:
        case Nesting.SINGLE:
            nothing = dict.fromkeys(nested.attributes)
            return _same_members(nested, nothing if one is None else one, nothing if other is None else other)
        case Nesting.MAP if isinstance(one, dict) and isinstance(other, dict):
            pairs = [(one[key], other[key]) for key in one.keys() & other.keys()]
            known = all(isinstance(each, dict) for pair in pairs for each in pair)
            return one.keys() == other.keys() and known and all(_same_members(nested, *pair) for pair in pairs)
        case _:
            return False


def _same_members(nested: Nested, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(attribute.same(one[name], other[name]) for name, attribute in nested.attributes.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A whole schema. ``version`` grows when stored state needs an upgrade."""

    description: str
    attributes: Mapping[str, Attribute]
    version: int = 0
    validators: tuple[Validator, ...] = field(default=())


def object_type(attributes: Mapping[str, Attribute]) -> ObjectOf:
    """The plain object type of a set of attributes."""
    return ObjectOf(tuple((name, plain_type(attribute.type)) for name, attribute in attributes.items()))


def plain_type(kind: AttributeType) -> Type:
    """The type of an attribute's value, nested attributes resolved to objects."""
    if not isinstance(kind, Nested):
        return kind
    members = object_type(kind.attributes)
    match kind.nesting:
        case Nesting.SINGLE:
            return members
        case Nesting.LIST:
            return ListOf(members)
        case Nesting.SET:
            return SetOf(members)
        case Nesting.MAP:
            return MapOf(members)
