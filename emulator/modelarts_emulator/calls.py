"""What an operation gets and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import refuse

if TYPE_CHECKING:
    from modelarts_emulator.state.entities import Notebook
    from modelarts_emulator.state.store import World

    from .config import User


@dataclass(frozen=True, slots=True)
class Call:
    """One verified request.

    Attributes:
        path: values of the path's placeholders.
        query: the last value of each parameter.
        body: the JSON object, empty when none was sent.
        now: the emulated moment (ms).
    """

    world: World
    user: User
    project_id: str
    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    now: int

    def notebook(self) -> Notebook:
        """The instance that the path names, in this project.

        Raises:
            Refusal: the configured code for a missing one.
        """
        found = self.world.notebooks.get(self.path["id"])
        if found is None or found.project_id != self.project_id:
            raise not_found(self.world, self.path["id"])
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """A success; ``text`` is sent as plain text in place of JSON."""

    status: int
    body: dict[str, Any] | None
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None


Handler = Callable[[Call], Reply]


def not_found(world: World, notebook_id: str) -> Exception:
    """The refusal for a missing instance: 400 with 6404 by default (seen live on a sibling), configurable."""
    choice = world.config.not_found
    code = "6309" if choice == "6309" else "6404"
    return refuse(code, f"The notebook instance '{notebook_id}' is not found.", status=404 if choice == "404" else 400)


def ok(body: dict[str, Any]) -> Reply:
    """200 with a JSON body."""
    return Reply(200, body)
