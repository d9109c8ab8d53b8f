"""The one POST of a create, without an orphan or a twin: when its answer is lost, the instance just made is found.

Terraform stores state only when the call returns, so an instance whose id nobody knows would be lost. A create looks
before it asks and, where the answer didn't come, again afterwards: what is new and belongs to nobody is its own, if it
is the only one. A young instance that was there before is what a killed create left: named, or taken if allowed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelarts_provider.api.errors import ApiError, Forbidden, MalformedAnswer, NotFound
from modelarts_provider.api.notebooks import Notebooks
from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.waiting import CancelledByUser, DeadlineExceeded
from modelarts_provider.lifecycle.operate import Operator
from modelarts_provider.lifecycle.power import GOING
from modelarts_provider.resources.notebook_claims import Claims
from modelarts_provider.resources.notebook_conversion import create_body
from modelarts_provider.resources.notebook_diagnostics import failed, summary
from modelarts_provider.resources.notebook_lookup import alike, is_older, likeness, named, unclaimed, younger_than
from modelarts_provider.resources.notebook_mark import CLOCKS_DIFFER_SECONDS, has_tag

Values = dict[str, Any]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Obtained:
    """The instance of a create.

    Attributes:
        notebook: As the API answered it.
        adopted: Whether it was there already: what was configured has not been asked for.
    """

    notebook: Json
    adopted: bool = False


LOOKS: Final = 4
"""How often to look for an instance whose answer was lost: the service may list it a moment later."""


async def obtain(
    api: Notebooks,
    planned: Values,
    place: tuple[str, str],
    operator: Operator,
    claims: Claims,
    found: Diagnostics,
) -> Obtained | None:
    """The instance that was made, or is to be taken over; None with an error in ``found`` where there is none."""
    head = summary("create", planned["name"])
    try:
        operator.cancel.raise_if_set()
        async with claims.turn(likeness(planned, *place)):
            made = await _look_and_ask(api, planned, operator, claims, found)
            if made is not None:
                claims.ids.add(made.notebook["id"])
            return made
    except CancelledByUser:
        found.error(head, "A stop was asked for before anything was created. Nothing was created.")
    return None


async def _look_and_ask(
    api: Notebooks, planned: Values, operator: Operator, claims: Claims, found: Diagnostics
) -> Obtained | None:
    head = summary("create", planned["name"])
    try:
        before = await _listed(api, planned)
    except ApiError as error:
        there = "It can't be known whether a killed create has left an instance of this name. Nothing was created."
        failed(found, head, error, there)
        return None
    young = younger_than(unclaimed(before or [], claims), operator.deadline.seconds)
    left = await _unsigned(api, planned, young, found)
    if left is None:
        return None
    if left:
        return _left_over(planned, left, found)
    try:
        operator.cancel.raise_if_set()
        made: Json = await api.create(create_body(planned))  # type: ignore[arg-type]  # built from the schema
    except ApiError as error:
        if not error.may_have_acted:
            failed(found, head, error, "Nothing was created.")
            return None
        again = await _find_again(api, planned, before, operator, claims, error, found)
        return None if again is None else Obtained(again)
    if made.get("id"):
        return Obtained(made)
    nameless = MalformedAnswer("the request was accepted, and no instance was named", method="POST", path="/notebooks")
    again = await _find_again(api, planned, before, operator, claims, nameless, found)
    return None if again is None else Obtained(again)


async def _listed(api: Notebooks, planned: Values) -> list[Json] | None:
    """What is there of that likeness; None where it may not be known, which is no reason not to create.

    Raises:
        ApiError: The service doesn't say at the moment.
    """
    try:
        return await alike(api, planned)
    except Forbidden:
        return None


async def _unsigned(api: Notebooks, planned: Values, young: list[Json], found: Diagnostics) -> list[Json] | None:
    """Those that no finished create has signed: a state holds the others.

    Looked at one by one, since a list may leave tags out. One that is gone, or that the caller may not see, is none of
    ours; where the service doesn't say, None with an error in ``found``: a create could make a twin.
    """
    left: list[Json] = []
    for item in young:
        try:
            shown = await api.show(item["id"])
        except (NotFound, Forbidden):
            continue
        except ApiError as error:
            there = (
                "An instance of this name, flavor and image that is younger than timeouts.create could not be looked at: "
                f"it may be what a killed create has left.\n{named([item])}\nNothing was created."
            )
            failed(found, summary("create", planned["name"]), error, there)
            return None
        if not has_tag(shown) and shown.get("status") not in GOING:
            left.append(shown)
    return left


def _left_over(planned: Values, left: list[Json], found: Diagnostics) -> Obtained | None:
    """What is done about instances that killed creates have left."""
    if planned["adopt_existing"] is True and len(left) == 1:
        return Obtained(left[0], adopted=True)
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
        summary("create", planned["name"]),
        f"There already {what} of this name, flavor and image, younger than timeouts.create, without the tag "
        "that this provider leaves at the end of a create: one that was killed leaves such an instance. Nothing was "
        f"created.\n{named(left)}\nTo go on, "
        f"{ways}: choose another name, or wait until it is older.",
    )
    return None


async def _find_again(
    api: Notebooks,
    planned: Values,
    before: list[Json] | None,
    operator: Operator,
    claims: Claims,
    error: ApiError,
    found: Diagnostics,
) -> Json | None:
    """After an answer that was lost: the instance that was not there before, where there is exactly one."""
    head = summary("create", planned["name"])
    if before is None:
        failed(found, head, error, _uncertain(planned))
        return None
    there = {item["id"] for item in before}
    intervals = operator.pace.intervals()
    fresh: list[Json] = []
    for _ in range(LOOKS):
        with contextlib.suppress(ApiError):
            new = [item for item in unclaimed(await alike(api, planned), claims) if item["id"] not in there]
            fresh = await _perhaps_ours(api, new, operator.deadline.seconds)
        if fresh:
            break
        try:
            await operator.pause(intervals)
        except (DeadlineExceeded, CancelledByUser):
            break
    if len(fresh) == 1:
        return fresh[0]
    if fresh:
        failed(found, head, error, f"The answer was lost, and more than one may be it:\n{named(fresh)}\n{IMPORT}")
    else:
        failed(found, head, error, f"No instance of that name has turned up since. {_uncertain(planned)}")
    return None


async def _perhaps_ours(api: Notebooks, new: list[Json], seconds: float) -> list[Json]:
    """Those that may be what was just made: a signed one stands in a state, and an old one was only listed late.

    A list may lag behind, and loses an item where others are deleted while its pages are read. One that can't be looked
    at may be ours all the same.
    """
    ours: list[Json] = []
    for item in new:
        if is_older(item, seconds + CLOCKS_DIFFER_SECONDS):
            continue
        try:
            shown: Json = await api.show(item["id"])
        except NotFound:
            continue
        except ApiError:
            shown = item
        if not has_tag(shown):
            ours.append(shown)
    return ours


IMPORT: Final = "Import the right one with `terraform import <address> <id>`, and delete the others."


def _uncertain(planned: Values) -> str:
    return (
        f'Whether an instance was created is not known: look for a new one named "{planned["name"]}" in the console, '
        "and take it over with `terraform import <address> <id>`, or delete it, before you apply again."
    )
