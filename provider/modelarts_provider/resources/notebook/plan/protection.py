"""What stands before the deletion of a notebook: its protection, the resource's or the provider's, and a warning. Pure."""

from __future__ import annotations

from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.paths import Path
from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.resources.common.diagnostics import PROTECTION
from modelarts_provider.resources.common.provider_block import ProviderProtection

DISKS: Final = "Disks of notebooks will be deleted"
"""One summary for all: Terraform folds equal ones, and a plan that destroys a hundred shows one and a count."""


def protects(values: Values, provider: ProviderProtection) -> Any:
    """Whether a notebook with these values must not be destroyed; UNKNOWN where that can't be told yet."""
    own = values["deletion_protection"]
    return provider.value if own is None else own


def check_destroy(prior: Values, provider: ProviderProtection, found: Diagnostics) -> None:
    """Add what a planned destroy has to say. One that isn't known to be protected is looked at again at the apply."""
    protected = protects(prior, provider)
    if protected is True:
        _add_protected(found, prior, prior, provider, "It can't be destroyed.")
        return
    if protected is UNKNOWN:
        _add_not_known_yet(found, prior, "destroyed")
    storage = prior["storage"] or {}
    if storage.get("ownership") != "DEDICATED":
        size = f", {storage['size']} GB" if storage.get("size") is not None else ""
        found.warning(
            DISKS,
            f"{_who(prior)} is destroyed, and with it its storage ({storage.get('category') or 'MANAGED'}{size}) and "
            "everything on it. Where it only has another address now (a renamed resource, module or construct), a "
            "`moved` block keeps it.",
        )


def check_replacement(
    prior: Values, planned: Values, provider: ProviderProtection, replacing: tuple[Path, ...], found: Diagnostics
) -> None:
    """Add the error for a replacement of what the state protects, or the configuration that is planned."""
    before, after = protects(prior, provider), protects(planned, provider)
    if before is True or after is True:
        reasons = ", ".join(sorted({str(at) for at in replacing}))
        doing = f"Changing {reasons} would replace it: take that back first."
        _add_protected(found, prior, prior if before is True else planned, provider, doing)
    elif before is UNKNOWN or after is UNKNOWN:
        _add_not_known_yet(found, prior, "replaced")


def may_delete(prior: Values, provider: ProviderProtection, found: Diagnostics) -> bool:
    """Whether an apply may delete it: the last look, since Terraform tells no plan of a taint, ``-replace`` or a deposed one."""
    protected = protects(prior, provider)
    if protected is True:
        _add_protected(found, prior, prior, provider, "It can't be destroyed.")
    elif protected is UNKNOWN:
        found.error(
            f'Unable to delete notebook "{prior["name"]}"',
            f"The provider's deletion_protection isn't known even now, and {_who(prior)} has none of its own: it may be "
            "protected. Nothing was called. Give the value directly in the provider block, or set "
            "deletion_protection = false in the resource and apply that first.",
            PROTECTION,
        )
    return protected is not True and protected is not UNKNOWN


def _add_protected(
    found: Diagnostics, prior: Values, protecting: Values, provider: ProviderProtection, doing: str
) -> None:
    """The error for what ``protecting`` protects, the prior or the planned values, with the way out of that setting."""
    if protecting["deletion_protection"] is None:
        says, go_on = _provider_says(provider)
    elif protecting is not prior:
        says, go_on = "Its configuration has deletion_protection = true.", "take one of the two out of this apply."
    else:
        says = "Its state has deletion_protection = true."
        go_on = (
            "set deletion_protection = false, apply that, and try again. Where it is tainted, `terraform untaint` has to "
            "come first, since a tainted one is replaced whatever is applied. A deposed one (create_before_destroy) has "
            "no configuration any more: delete the instance in the console, and the next plan forgets it."
        )
    found.error(
        f'Notebook "{prior["name"]}" is protected against deletion',
        f"{doing} This is {_who(prior)}. {says} Nothing was called. To go on, {go_on}",
        PROTECTION,
    )


def _provider_says(provider: ProviderProtection) -> tuple[str, str]:
    source, change = (
        (f"the environment variable {provider.variable}", f"run Terraform with {provider.variable}=false")
        if provider.variable
        else ("the provider block", "set deletion_protection = false in the provider block")
    )
    says = f"It sets no deletion_protection of its own, and {source} protects every such notebook."
    go_on = (
        "set deletion_protection = false in the resource, apply that, and try again. Where that can't be applied (its "
        f"block is removed, it is tainted or deposed), {change}: that lets go of every notebook that sets none."
    )
    return says, go_on


def _add_not_known_yet(found: Diagnostics, prior: Values, done: str) -> None:
    found.warning(
        "The deletion protection of notebooks isn't known yet",
        f"{_who(prior)} is to be {done}. It sets no deletion_protection that is known, and the provider's is known only "
        "when the plan is applied. If it is protected then, the apply fails before it is called.",
    )


def _who(values: Values) -> str:
    return f"{values['name']} ({values['id']})"
