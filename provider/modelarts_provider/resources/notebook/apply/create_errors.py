"""What a user is told when a create ends without an instance because of others that exist, or may."""

from __future__ import annotations

from typing import Final

from modelarts_provider.api.errors import ApiError
from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.values import Json
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.resources.common.diagnostics import cause_of, failed, next_step_of
from modelarts_provider.resources.notebook.service.diagnostics import summary
from modelarts_provider.resources.notebook.service.lookup import named

IMPORT: Final = "Import the right one with `terraform import <address> <id>`, and delete the others."

WITHOUT_LIST: Final = (
    "adopt_existing is true, and an instance to adopt can only be found by listing (modelarts:notebook:list). Nothing was "
    "created. Grant that permission, import the instance by its id, or take adopt_existing out."
)
"""Where existing instances may not be listed, and one of them is to be adopted."""


def unlisted(found: Diagnostics, name: str, error: ApiError) -> None:
    """Add the warning of a create that may not look at what exists."""
    found.warning(
        "Existing notebooks could not be listed",
        f'The credentials may create notebooks and not list them. {cause_of(error)} Notebook "{name}" is created without a '
        "look at existing instances: if an earlier create was interrupted, its instance still exists beside this one. Grant "
        "modelarts:notebook:list to have such an instance found first.",
    )


def leftover(found: Diagnostics, name: str, left: list[Json]) -> None:
    """Add the error that names what killed creates have left."""
    one, importing = len(left) == 1, f"`terraform import <address> {left[0]['id']}`"
    what = "is an instance" if one else "are instances"
    ways = (
        f"set adopt_existing = true to take it over, or import it ({importing}), or delete it. If another Terraform state "
        "has it already, do none of these"
        if one
        else f"import the one that is yours ({importing} for the first), and delete or rename the others. If another "
        "Terraform state has one already, leave it"
    )
    found.error(
        summary("create", name),
        [
            (
                f"There already {what} of this name, flavor and image, younger than timeouts.create, without the tag "
                "that this provider sets at the end of a create, and no run set it while this one waited: a create that was "
                "killed leaves such an instance. Nothing was created."
            ),
            *named(left),
            f"To go on, {ways}: choose another name, or wait until it is older.",
        ],
    )


def unknown_owner(
    found: Diagnostics, name: str, items: list[Json], ended: Refused | DeadlineExceeded | CancelledByUser
) -> None:
    """Add the error of a wait that ended before it was known whose these instances are: a create could make a duplicate."""
    whose = "another run is creating an instance of this name, flavor and image, or a killed create has left it"
    match ended:
        case CancelledByUser():
            happened, step = f"A stop was asked for while the create waited to learn whether {whose}:", ""
        case DeadlineExceeded():
            met = cause_of(ended.__cause__)
            happened = (
                f"{met} The create waited until timeouts.create was over. It can't be told whether {whose}:".strip()
            )
            step = "Apply again when it rests, or raise timeouts.create."
        case _:
            happened = f"{cause_of(ended)} It can't be told whether {whose}:"
            step = next_step_of(ended)
    found.error(summary("create", name), [happened, *named(items), f"Nothing was created. {step}".rstrip()])


def not_found(found: Diagnostics, name: str, left: list[Json], error: ApiError, ended: Exception | None) -> None:
    """Add the error of a create whose answer was lost, and whose instance can't be told.

    Args:
        found: Filled in.
        name: The notebook's.
        left: What may be the instance.
        error: What came in place of the answer.
        ended: What ended the search early, if anything did.
    """
    if not left:
        others = "The instances of that name that have turned up since are other runs'."
        state = [f"{others} {uncertain(name)}"]
    elif ended is None:
        state = ["The answer was lost, and more than one may be it:", *named(left), IMPORT]
    else:
        why = "A stop was asked for" if isinstance(ended, CancelledByUser) else cause_of(ended).rstrip(".")
        state = [
            "The answer was lost, and this may be the instance, or another run's:",
            *named(left),
            f"{why} before that was known. {IMPORT}",
        ]
    failed(found, summary("create", name), error, state)


def uncertain(name: str) -> str:
    """What to do where it isn't known whether there is an instance."""
    return (
        f'Whether an instance was created is not known: look for a new one named "{name}" in the console, '
        "and take it over with `terraform import <address> <id>`, or delete it, before you apply again."
    )
