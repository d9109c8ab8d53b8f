"""Whether the service has the flavor and the image that a plan chooses, and whether they fit (check_flavors_at_plan).

A plan is decided without the service (decisions/0005), so this only adds errors and warnings to it. What can't be looked up
is a warning and never an error: the apply shows what the service says. What isn't known yet is looked at when the plan runs
again inside the apply, before anything is called that changes something.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from modelarts_provider.api import errors
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import CancelledByUser
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import PlanRequest
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.values import UNKNOWN, Json, Values
from modelarts_provider.lifecycle.power import Power, heading_of
from modelarts_provider.resources.common.diagnostics import cause_of, next_step_of
from modelarts_provider.resources.common.session import NoConnection, NotConfigured, Session
from modelarts_provider.resources.notebook.plan.image_check import ShownImage, chooses_image, judge_image

SECONDS: Final = 30.0
"""A plan waits no longer for a list."""

MOST_NAMED: Final = 5
MOST_DIGITS: Final = 9
"""Of a size in an answer, in GB: more say nothing."""

CLOSE: Final = 0.6
"""From which likeness on (difflib's ratio) a flavor's name counts as close to the one that was written."""

NOT_NOW: Final = (
    "Nothing was changed. To leave the question to the apply, set check_flavors_at_plan = false in the provider block."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a plan chooses.

    Attributes:
        prior: The notebook as it was, None for a new one.
        planned: As it is to be.
        offered: The flavors that the project has, by id.
        image: The image as the service describes it, None where that isn't known.
    """

    prior: Values | None
    planned: Values
    offered: Mapping[str, Json]
    image: Json | None

    @property
    def is_new(self) -> bool:
        """Whether the flavor is a new choice, of a new notebook or of this update."""
        return self.prior is None or self.prior["flavor"] != self.planned["flavor"]

    @property
    def head(self) -> str:
        """The beginning of every summary."""
        return f'Flavor "{self.planned["flavor"]}" of notebook "{self.planned["name"]}"'


async def check_flavor(request: PlanRequest, planned: Values, session: Session) -> Diagnostics:
    """Errors and warnings about the planned flavor and image; none where they aren't chosen now, or not known."""
    found = Diagnostics()
    wants_flavor, wants_image = _is_chosen(request, planned), chooses_image(request, planned)
    if not wants_flavor and not wants_image:
        return found
    try:
        location = await _in_time(session.location(planned["region"], planned["project_id"]))
        api = (await session.notebooks(*location)).with_cancel(session.cancel)
        offered = await _offered(api, location, planned, session) if wants_flavor else {}
        shown = await _shown(api, location, _image_id(request.prior, planned), session)
    except (NotConfigured, CancelledByUser):
        return found  # the provider block isn't known yet, or the user has asked for a stop
    except (NoConnection, errors.ApiError, TimeoutError) as error:
        _not_checked(found, "flavor" if wants_flavor else "image_id", error, planned)
        return found
    if wants_flavor:
        _judge(Choice(request.prior, planned, offered, shown.image), found)
    if wants_image:
        judge_image(shown, planned, NOT_NOW, found)
        if shown.is_unanswered:
            assert shown.problem is not None  # noqa: S101 - what makes it so
            _not_checked(found, "image_id", shown.problem, planned)
    return found


def _not_checked(found: Diagnostics, attribute: str, error: Exception, planned: Values) -> None:
    what = "Flavors" if attribute == "flavor" else "Images"
    cause = error.cause if isinstance(error, NoConnection) else error
    said = f"No answer came within {SECONDS:.0f} s." if isinstance(cause, TimeoutError) else cause_of(cause)
    one = "a flavor" if attribute == "flavor" else "an image"
    found.warning(
        f"{what} could not be checked",
        f"check_flavors_at_plan is on, and the {what.lower()} of {planned['region']} could not be looked up. {said} The "
        f"plan goes on; {one} that the service refuses fails the apply. {next_step_of(cause)}".rstrip(),
        path(attribute),
    )


def _is_chosen(request: PlanRequest, planned: Values) -> bool:
    """Whether there is something to look up, and where is known; a pool's flavors aren't in the list."""
    prior = request.prior
    if UNKNOWN in (planned["flavor"], planned["region"], request.config["project_id"]):
        return False
    if planned["pool_id"] is not None:
        return False
    return prior is None or any(prior[name] != planned[name] for name in ("flavor", "image_id"))


async def _offered(api: Notebooks, location: tuple[str, str], planned: Values, session: Session) -> dict[str, Json]:
    """The flavors of the project, by id: one list for all its notebooks.

    Raises:
        ApiError: The list can't be read.
        TimeoutError: It didn't come in time.
    """
    feature = planned["feature"] if isinstance(planned["feature"], str) else "NOTEBOOK"

    def list_flavors() -> Coroutine[Any, Any, Sequence[Json]]:
        return _in_time(api.flavors(feature=feature))

    flavors = await session.once(("flavors", *location, feature), list_flavors)
    return {str(flavor["id"]): flavor for flavor in flavors if flavor.get("id")}


async def _shown(api: Notebooks, location: tuple[str, str], image_id: str | None, session: Session) -> ShownImage:
    """The image, looked at once for all notebooks of a project."""
    if image_id is None:
        return ShownImage(None)

    async def show_image() -> ShownImage:
        try:
            image: Json = await _in_time(api.image(image_id))
        except (errors.ApiError, TimeoutError) as problem:
            return ShownImage(None, problem)
        return ShownImage(image)

    return await session.once(("image", *location, image_id), show_image)


async def _in_time(work: Coroutine[Any, Any, Any]) -> Any:
    async with asyncio.timeout(SECONDS):
        return await work


def _image_id(prior: Values | None, planned: Values) -> str | None:
    """The image that the notebook will run: where it stays, the one that it has, which may be a saved one."""
    if planned["image_id"] is UNKNOWN:
        return None
    if prior is not None and prior["image_id"] == planned["image_id"]:
        shown = (prior["image"] or {}).get("id")
        return str(shown or prior["image_id"])
    return str(planned["image_id"]).lower()


def _judge(choice: Choice, found: Diagnostics) -> None:
    flavor = choice.offered.get(choice.planned["flavor"])
    if flavor is None:
        if choice.is_new:
            found.error(f"{choice.head} doesn't exist", _not_there(choice), path("flavor"))
        return
    why = _misfit(flavor, choice.image) or _misfit_of_storage(flavor, choice.planned["storage"])
    if why:
        others = _named(_able(choice))
        ways = f"Flavors that fit: {others}. " if others else ""
        at = path("flavor" if choice.is_new else "image_id")
        found.error(f"{choice.head} doesn't fit", f"{why} {ways}{NOT_NOW}", at)
    elif flavor.get("sold_out") is True:
        _tell_sold_out(choice, found)


def _not_there(choice: Choice) -> str:
    able = _able(choice)
    close = [id_ for id_ in able if _likeness(id_, choice.planned["flavor"]) >= CLOSE][:3]
    words = f"The closest that fit are {', '.join(close)}" if close else f"It has {_named(able) or 'none that fits'}"
    return (
        f"The project has {len(choice.offered)} flavors in {choice.planned['region']}, and this isn't one of them. "
        f"{words}. {NOT_NOW}"
    )


def _able(choice: Choice) -> list[str]:
    """Other flavors that fit and can be had now, those with the most alike names first."""
    wanted, storage = choice.planned["flavor"], choice.planned["storage"]
    able = [
        id_
        for id_, flavor in choice.offered.items()
        if id_ != wanted
        and flavor.get("sold_out") is not True
        and not (_misfit(flavor, choice.image) or _misfit_of_storage(flavor, storage))
    ]
    return sorted(able, key=lambda id_: (-_likeness(id_, wanted), id_))


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _named(able: list[str]) -> str:
    more = f" and {len(able) - MOST_NAMED} more" if len(able) > MOST_NAMED else ""
    return f"{', '.join(able[:MOST_NAMED])}{more}"


def _misfit(flavor: Json, image: Json | None) -> str:
    """What is wrong with architecture or kind of machine; what either side doesn't say fits."""
    if image is None:
        return ""
    has, needs = _lower(flavor.get("arch")), _lower(image.get("arch"))
    name = image.get("name") or image.get("id")
    if has and needs and has != needs:
        return f"It is a machine of architecture {has}, and image {name} is for {needs}."
    kinds = _texts(image.get("resource_categories")) | _texts(image.get("support_res_categories"))
    kind = str(flavor.get("category") or "").upper()
    if kind and kinds and kind not in kinds:
        return f"It is a {kind} machine, and image {name} runs on {', '.join(sorted(kinds))}."
    return ""


def _misfit_of_storage(flavor: Json, storage: Any) -> str:
    """What is wrong with kind or size of the storage; OBS reads back as OBSFS, so the two count as one."""
    if storage is UNKNOWN:
        return ""
    takes, category, size = _texts(flavor.get("storages")), storage["category"], storage["size"]
    if takes and isinstance(category, str) and _kind(category) not in {_kind(each) for each in takes}:
        return f"It takes storage of the kinds {', '.join(sorted(takes))}, and storage.category is {category}."
    most = str(flavor.get("evs_max_size") or "")
    if (
        category == "EVS"
        and most.isdecimal()
        and len(most) <= MOST_DIGITS
        and isinstance(size, int)
        and size > int(most)
    ):
        return f"It takes disks of up to {most} GB, and storage.size is {size}."
    return ""


def _kind(category: str) -> str:
    return "OBS" if category == "OBSFS" else category


def _tell_sold_out(choice: Choice, found: Diagnostics) -> None:
    """An error where it is a new choice; where it stays and the notebook will be started again, a warning."""
    others, head = _named(_able(choice)), f"{choice.head} is sold out"
    ways = f"To be had now: {others}." if others else "No other one that fits can be had now."
    if choice.prior is not None and not choice.is_new:
        if heading_of(choice.prior["status"] or "") is Power.RUNNING:
            found.warning(
                head,
                "Changing the image stops the notebook, and the start after it needs a machine of that flavor, which "
                f"may not be had. {ways}",
                path("flavor"),
            )
    elif choice.prior is None and choice.planned["adopt_existing"] is True:
        found.warning(
            head,
            f"A new notebook can't have it now; adopt_existing may find one that is there already. {ways}",
            path("flavor"),
        )
    else:
        found.error(head, f"{ways} {NOT_NOW}", path("flavor"))


def _lower(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""


def _texts(values: Any) -> set[str]:
    return {value.upper() for value in values if isinstance(value, str)} if isinstance(values, list) else set()
