"""What every generated class stands on: metadata arguments, synthesis, references, ids that can't collide."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias, TypedDict, TypeVar

from modelarts_constructs._cdk import Construct, cdktf
from modelarts_constructs._plain import to_plain
from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.l1._references import Place, Reference

PROVIDER: Final = "modelarts"
SOURCE: Final = "local/modelarts/modelarts"
VERSION: Final = "0.1.0"

ElementT = TypeVar("ElementT")
Expression: TypeAlias = Reference | cdktf.IResolvable
Flag: TypeAlias = bool | cdktf.IResolvable
Many: TypeAlias = list[ElementT] | tuple[ElementT, ...] | set[ElementT] | frozenset[ElementT]

_GENERATOR: Final = cdktf.TerraformProviderGeneratorMetadata(provider_name=PROVIDER, provider_version=VERSION)
HIDDEN_ID: Final = "Default"
"""The CDK library leaves it out of a resource's address."""

_LIFECYCLE: Final = (
    "create_before_destroy",
    "ignore_changes",
    "postcondition",
    "precondition",
    "prevent_destroy",
    "replace_triggered_by",
)
_PROCESS: Final = os.getpid()
_MAKING: Final = threading.RLock()
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class MetaArguments(TypedDict, total=False):
    """The metadata arguments that every resource takes."""

    depends_on: Sequence[cdktf.ITerraformDependable]
    """Resources to make first, where no reference says so already."""

    count: float | cdktf.TerraformCount
    """How many instances to make."""

    for_each: cdktf.ITerraformIterator
    """Make an instance for each element."""

    lifecycle: cdktf.TerraformResourceLifecycle | Mapping[str, Any]
    """``create_before_destroy``, ``prevent_destroy``, ``ignore_changes``, ``replace_triggered_by`` and conditions."""

    provider: cdktf.TerraformProvider
    """The provider to use, where the stack has several."""

    provisioners: Sequence[cdktf.FileProvisioner | cdktf.LocalExecProvisioner | cdktf.RemoteExecProvisioner]
    """What to run on the machine after it was made."""

    connection: cdktf.SSHProvisionerConnection | cdktf.WinrmProvisionerConnection
    """How provisioners connect."""


def place(scope: Construct, id: str) -> str:  # noqa: A002 - the name that every construct has
    """The path of a construct that is about to be made, for errors."""
    above = scope.node.path
    return f"{above}/{id}" if above else id


def check_id(scope: Construct, id: str) -> None:  # noqa: A002 - the name that every construct has
    """Refuse an id that Terraform can't have.

    The CDK library would strip it to something else without a word: two ids may then meet, and one resource is lost.

    Raises:
        ConstructError: the id is no Terraform name.
    """
    if not _ID.fullmatch(id):
        msg = (
            f"{place(scope, id)}: the id {id!r} must start with a letter or an underscore "
            "and consist of ASCII letters, digits, underscores and hyphens"
        )
        raise ConstructError(msg)
    if id == HIDDEN_ID:
        msg = f"{place(scope, id)}: the id {id!r} is left out of addresses, so that another construct may get the same: choose another"
        raise ConstructError(msg)


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


def plain_attributes(at: Callable[[], str], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as the CDK library carries them, the absent ones left out.

    Args:
        at: The construct's path, asked for only when there is an error: it costs calls.
        attributes: What was written, by name.

    Raises:
        ConstructError: a value can't be carried; the message starts with the construct's path.
    """
    try:
        return {name: to_plain(value, name) for name, value in attributes.items() if value is not None}
    except ConstructError as error:
        msg = f"{at()}: {error}"
        raise ConstructError(msg) from None


def _trigger(trigger: Any) -> str:
    """One ``replace_triggered_by`` as Terraform's JSON takes it: a bare reference, no interpolation."""
    if isinstance(trigger, cdktf.TerraformElement) and hasattr(trigger, "terraform_resource_type"):
        return f"{trigger.terraform_resource_type}.{trigger.friendly_unique_id}"
    if isinstance(trigger, str) and not is_token(trigger):
        return trigger
    msg = f'replace_triggered_by takes resources, or bare references such as "terraform_data.image.id", not {trigger!r}'
    raise ConstructError(msg)


def _checked_meta(meta: MetaArguments) -> dict[str, Any]:
    checked: dict[str, Any] = {name: value for name, value in meta.items() if value is not None}
    unknown = sorted(checked.keys() - MetaArguments.__annotations__.keys())
    if unknown:
        msg = f"there is no argument {', '.join(unknown)}; the metadata arguments are {', '.join(MetaArguments.__annotations__)}"
        raise TypeError(msg)
    for dependency in checked.get("depends_on", ()):
        if isinstance(dependency, str):
            msg = f"depends_on takes resources, not the text {dependency!r}: write the variable that holds the resource"
            raise ConstructError(msg)
    if "count" in checked and "for_each" in checked:
        msg = "count and for_each exclude each other: write one of them"
        raise ConstructError(msg)
    if "lifecycle" in checked:
        checked["lifecycle"] = _lifecycle(checked["lifecycle"])
    return checked


def _lifecycle(given: cdktf.TerraformResourceLifecycle | Mapping[str, Any]) -> cdktf.TerraformResourceLifecycle:
    if not isinstance(given, cdktf.TerraformResourceLifecycle):
        unknown = sorted(given.keys() - _LIFECYCLE)
        if unknown:
            msg = f"lifecycle has no {', '.join(unknown)}; it has {', '.join(_LIFECYCLE)}"
            raise ConstructError(msg)
    lifecycle = (
        given if isinstance(given, cdktf.TerraformResourceLifecycle) else cdktf.TerraformResourceLifecycle(**given)
    )
    if not lifecycle.replace_triggered_by:
        return lifecycle
    return cdktf.TerraformResourceLifecycle(
        create_before_destroy=lifecycle.create_before_destroy,
        ignore_changes=lifecycle.ignore_changes,
        postcondition=lifecycle.postcondition,
        precondition=lifecycle.precondition,
        prevent_destroy=lifecycle.prevent_destroy,
        replace_triggered_by=[_trigger(trigger) for trigger in lifecycle.replace_triggered_by],
    )


class Written(Place):
    """What was written into a resource, and references to what Terraform will know of it."""

    _written: dict[str, Any]
    _many: str

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What was written, as Terraform will get it: plain values and tokens, absent attributes left out."""
        return MappingProxyType(self._written)

    def each(self, attribute: str) -> list[str]:
        """A token for the list of one attribute's values, over all instances of a resource with count or for_each.

        Args:
            attribute: The attribute's name, or a path such as ``endpoints["SSH"].uri``.

        Raises:
            ConstructError: the resource has neither count nor for_each.
        """
        element = self._element()
        address = f"{element.terraform_resource_type}.{element.friendly_unique_id}"
        match self._many:
            case "count":
                return list(cdktf.Token.as_list(f"${{{address}[*].{attribute}}}"))
            case "for_each":
                return list(cdktf.Token.as_list(f"${{values({address})[*].{attribute}}}"))
        msg = f"{element.node.path}: it has neither count nor for_each: write .{attribute}"
        raise ConstructError(msg)

    def _element(self) -> cdktf.TerraformResource:
        """The resource itself, as the CDK library knows it."""
        raise NotImplementedError

    def _write(self, attributes: Mapping[str, Any]) -> None:
        """Put other attributes in place of what was written."""
        self._written = plain_attributes(lambda: self._element().node.path, attributes)

    def _at(self, name: str) -> tuple[cdktf.TerraformResource, str]:
        if self._many:
            path = self._element().node.path
            msg = f"{path}: with {self._many} there are many instances: write .each({name!r})"
            raise ConstructError(msg)
        return self._element(), name


class ResourceBase(cdktf.TerraformResource, Written):
    """A resource of the provider: synthesis and references; arguments and attributes are generated.

    The order of the bases matters, here and in what derives from it. For every object that is made, the CDK library's
    runtime compares each member of each class *before* its own one with some twenty classes of the library, to find
    overrides (measured: 0.27 ms for sixty members). So what is no override stands in classes *after* it, where it costs
    nothing and can't take the place of a member of the library by accident.
    """

    TF_RESOURCE_TYPE: ClassVar[str]

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        attributes: Mapping[str, Any],
        meta: MetaArguments,
    ) -> None:
        check_id(scope, id)
        # Converted once, here, where an error has the user's line; synthesis asks twice and must answer the same.
        self._written = plain_attributes(lambda: place(scope, id), attributes)
        self._many = next((name for name in ("count", "for_each") if meta.get(name) is not None), "")
        try:
            checked = _checked_meta(meta)
        except ConstructError as error:
            msg = f"{place(scope, id)}: {error}"
            raise ConstructError(msg) from None
        with alone():
            super().__init__(
                scope,
                id,
                terraform_resource_type=self.TF_RESOURCE_TYPE,
                terraform_generator_metadata=_GENERATOR,
                **checked,
            )

    def _element(self) -> cdktf.TerraformResource:
        return self

    def _synthesize_attributes(self) -> dict[str, Any]:
        return self._written

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return self._written


class ProviderBase(cdktf.TerraformProvider):
    """The provider block: synthesis; arguments are generated."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        attributes: Mapping[str, Any],
        maps: Sequence[str],
        *,
        alias: str | None,
        source: str,
        version: str | None,
    ) -> None:
        check_id(scope, id)
        self._alias = alias
        written = plain_attributes(lambda: place(scope, id), attributes)
        self._written = {name: value for name, value in written.items() if name not in maps}
        self._maps = {name: value for name, value in written.items() if name in maps}
        with alone():
            super().__init__(
                scope,
                id,
                terraform_resource_type=PROVIDER,
                terraform_provider_source=source,
                terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(
                    provider_name=PROVIDER, provider_version=version
                ),
            )
        # The CDK library rewrites the keys of what a provider synthesises ("CostCenter" becomes "cost_center"); what is
        # added as an override it leaves alone.
        for name, value in self._maps.items():
            self.add_override(name, value)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What was written, as Terraform will get it: plain values and tokens, absent attributes left out."""
        return MappingProxyType({**self._written, **self._maps})

    @property
    def alias(self) -> str | None:
        """The name that tells this provider from others of the same type; resources refer to it by ``provider=``."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value

    def _synthesize_attributes(self) -> dict[str, Any]:
        return self._written

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return self._written
