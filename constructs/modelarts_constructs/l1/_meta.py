"""The metadata arguments of resources and data sources, checked and in the form that Terraform takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypedDict

from modelarts_constructs._cdk import cdktf
from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._ignored import check_ignored
from modelarts_constructs.l1._references import Place, Reference

_LIFECYCLE: Final = (
    "create_before_destroy",
    "ignore_changes",
    "postcondition",
    "precondition",
    "prevent_destroy",
    "replace_triggered_by",
)


class DataMetaArguments(TypedDict, total=False):
    """The metadata arguments that every data source takes."""

    depends_on: Sequence[cdktf.ITerraformDependable]
    """Resources to wait for, where no reference says so already."""

    count: float | cdktf.TerraformCount
    """How many instances to make."""

    for_each: cdktf.ITerraformIterator
    """Make an instance for each element."""

    lifecycle: cdktf.TerraformResourceLifecycle | Mapping[str, Any]
    """``create_before_destroy``, ``prevent_destroy``, ``ignore_changes``, ``replace_triggered_by`` and conditions."""

    provider: cdktf.TerraformProvider
    """The provider to use, where the stack has several."""


class MetaArguments(DataMetaArguments, total=False):
    """The metadata arguments that every resource takes."""

    provisioners: Sequence[cdktf.FileProvisioner | cdktf.LocalExecProvisioner | cdktf.RemoteExecProvisioner]
    """What to run on the machine after it was made."""

    connection: cdktf.SSHProvisionerConnection | cdktf.WinrmProvisionerConnection
    """How provisioners connect."""


_LIBRARY_VALUE: Final = "__jsii_type__"
"""What every object of the CDK library has: an iterator of another construct library is as good as its own."""


def checked_meta(meta: Mapping[str, Any], readable: type[Place] | None) -> dict[str, Any]:
    """The metadata arguments that were given, in the form that the CDK library takes.

    Args:
        meta: The arguments by name; None stands for one that was left out.
        readable: The generated class of what can be read from the resource; None where there is none.

    Raises:
        ConstructError: one of them is something else than it must be.
    """
    checked = {name: value for name, value in meta.items() if value is not None}
    if "count" in checked and "for_each" in checked:
        msg = "count and for_each exclude each other: write one of them"
        raise ConstructError(msg)
    for name, (fits, words) in _KINDS.items():
        if name in checked and not fits(checked[name]):
            msg = f"{name} is {shown(checked[name])}: must be {words}"
            raise ConstructError(msg)
    if "depends_on" in checked:
        checked["depends_on"] = [_dependency(index, each) for index, each in enumerate(checked["depends_on"])]
    if "lifecycle" in checked:
        checked["lifecycle"] = _lifecycle(checked["lifecycle"], readable)
    return checked


def _is_count(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return isinstance(value, cdktf.TerraformCount)
    return is_token(value) or (value >= 0 and float(value).is_integer())


_KINDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "count": (_is_count, "a whole number from 0, or cdktf.TerraformCount.of(number)"),
    "for_each": (
        lambda value: hasattr(type(value), _LIBRARY_VALUE),
        (
            'an iterator, such as cdktf.TerraformIterator.from_list(["a", "b"]), of a reference one that is made '
            "with .from_map(cdktf.Token.as_any_map(the_reference))"
        ),
    ),
    "provider": (
        lambda value: isinstance(value, cdktf.TerraformProvider),
        "the provider itself, such as ModelartsProvider(...)",
    ),
    "depends_on": (lambda value: isinstance(value, list | tuple | set | frozenset), "a list of resources"),
    "lifecycle": (
        lambda value: isinstance(value, Mapping | cdktf.TerraformResourceLifecycle),
        'a dict, such as {"prevent_destroy": True}',
    ),
}
"""What each metadata argument is, in words that end the sentence "must be …"; the library checks the rest."""


def _dependency(index: int, given: Any) -> Any:
    if isinstance(given, str):
        msg = f"depends_on takes resources, not the text {shown(given)}: write the variable that holds the resource"
        raise ConstructError(msg)
    if isinstance(given, Reference):
        msg = f"depends_on[{index}] is {shown(given)}, a value of a resource: must be the resource itself"
        raise ConstructError(msg)
    if not (hasattr(type(given), "fqn") or hasattr(given, "__jsii_ref__")):  # by its form: nothing is asked of Node
        msg = f"depends_on[{index}] is {shown(given)}: must be a resource"
        raise ConstructError(msg)
    return given


def settled_name(element: cdktf.TerraformElement) -> str:
    """The name in Terraform of a resource, which can't be given another from now on.

    The library would take another name without a word, and write the one that it has told already. Once it was asked for
    the address as a whole, it refuses.

    Args:
        element: The resource.
    """
    _ = element.fqn
    return element.friendly_unique_id


def _trigger(trigger: Any) -> str:
    """One ``replace_triggered_by`` as Terraform's JSON takes it: a bare reference, no interpolation."""
    if isinstance(trigger, cdktf.TerraformElement) and hasattr(trigger, "terraform_resource_type"):
        return f"{trigger.terraform_resource_type}.{settled_name(trigger)}"
    if isinstance(trigger, str) and not is_token(trigger):
        return trigger
    msg = f'replace_triggered_by takes resources, or bare references such as "terraform_data.image.id", not {shown(trigger)}'
    raise ConstructError(msg)


def _lifecycle(
    given: cdktf.TerraformResourceLifecycle | Mapping[str, Any], readable: type[Place] | None
) -> cdktf.TerraformResourceLifecycle:
    if not isinstance(given, cdktf.TerraformResourceLifecycle):
        unknown = sorted(given.keys() - _LIFECYCLE)
        if unknown:
            msg = f"lifecycle has no {', '.join(unknown)}; it has {', '.join(_LIFECYCLE)}"
            raise ConstructError(msg)
    lists = given if isinstance(given, Mapping) else {"ignore_changes": given.ignore_changes}
    check_ignored(lists.get("ignore_changes"), readable)
    lifecycle = (
        given if isinstance(given, cdktf.TerraformResourceLifecycle) else cdktf.TerraformResourceLifecycle(**given)
    )
    changes: Any = lifecycle.ignore_changes
    return cdktf.TerraformResourceLifecycle(
        create_before_destroy=lifecycle.create_before_destroy,
        ignore_changes=list(changes) if isinstance(changes, tuple) else changes,  # the library can't carry a tuple
        postcondition=lifecycle.postcondition,
        precondition=lifecycle.precondition,
        prevent_destroy=lifecycle.prevent_destroy,
        replace_triggered_by=[_trigger(trigger) for trigger in lifecycle.replace_triggered_by or ()] or None,
    )
