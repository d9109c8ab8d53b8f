"""Whether the image that a plan chooses exists and is active; looked up together with the flavor (notebook_flavor_check).

A caller without permission to read images may create notebooks of them all the same, so a 403 says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from modelarts_provider.api import errors
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import PlanRequest
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.values import UNKNOWN, Json, Values
from modelarts_provider.resources.common.diagnostics import cause_of

ACTIVE: Final = "ACTIVE"
BEING_MADE: Final = frozenset({"INIT", "CREATING"})


@dataclass(frozen=True, slots=True)
class ShownImage:
    """What the service says of an image.

    Attributes:
        image: The image; None where it can't be shown.
        problem: Why not.
    """

    image: Json | None
    problem: errors.ApiError | TimeoutError | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the service says that there is no such image, or none that the caller can see."""
        return isinstance(self.problem, errors.MissingReference | errors.NotFound)

    @property
    def is_unanswered(self) -> bool:
        """Whether it stays open what the service would have said: a missing permission is an answer."""
        return self.problem is not None and not self.is_missing and not isinstance(self.problem, errors.Forbidden)


def chooses_image(request: PlanRequest, planned: Values) -> bool:
    """Whether this plan sends an image: one that stays isn't sent, and a retired one stays possible."""
    prior = request.prior
    if UNKNOWN in (planned["image_id"], planned["region"], request.config["project_id"]):
        return False
    return prior is None or prior["image_id"] != planned["image_id"]


def judge_image(shown: ShownImage, planned: Values, not_now: str, found: Diagnostics) -> None:
    """Add the error for an image that a notebook can't be made of.

    Args:
        shown: What the service says.
        planned: The notebook.
        not_now: What has happened so far, and the way around the check.
        found: Takes the error.
    """
    head = f'Image "{planned["image_id"]}" of notebook "{planned["name"]}"'
    if shown.is_missing:
        found.error(
            f"{head} doesn't exist",
            f"The project has no image with this id in {planned['region']}, or the credentials can't see it: a private image "
            f"of another project or region looks the same. {cause_of(shown.problem)} Set image_id to the id of an image that "
            f"the console lists in this region. {not_now}",
            path("image_id"),
        )
        return
    image = shown.image or {}
    status = image.get("status")
    if not isinstance(status, str) or status.upper() == ACTIVE:
        return
    name = f" ({image['name']})" if image.get("name") else ""
    reason = f": {image['status_message']}" if image.get("status_message") else ""
    step = (
        "Plan again once it is ACTIVE, or choose another image."
        if status.upper() in BEING_MADE
        else "Choose another image, or make this one again."
    )
    found.error(
        f"{head} is not active",
        f"The image{name} is {status}{reason}. The service takes only an image that is ACTIVE. {step} {not_now}",
        path("image_id"),
    )
