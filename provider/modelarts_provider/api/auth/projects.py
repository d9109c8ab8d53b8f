"""Projects by name and by id, each looked up once per process."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from modelarts_provider.api.auth import iam

if TYPE_CHECKING:
    from modelarts_provider.api.http.client import Client

_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")


def may_belong(project_name: str, region: str) -> bool:
    """Whether a project of this name can be one of the region's.

    A region's own project has its name, others have ``region_suffix`` (IAM API reference, KeystoneCreateProject). A name
    that starts with no region (a partner's cloud may have some) says nothing, and can.
    """
    head = project_name.split("_", 1)[0]
    return head == region or not _REGION.fullmatch(head)


class Projects:
    """The projects that some credentials see.

    Args:
        client: Of IAM, authenticated.
        domain_id: Counts only projects of that account, where it is set.
    """

    def __init__(self, client: Client, domain_id: str | None = None) -> None:
        self._client = client
        self._domain_id = domain_id
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def id_of(self, name: str) -> str:
        """The id of the project with this name; a region's own project has the region's name.

        Raises:
            UnknownProject: There is none, or more than one.
            ApiError: IAM could not be asked; the next call asks again.
        """
        if name not in self._ids:
            async with self._one_at_a_time:
                if name not in self._ids:
                    self._ids[name] = await iam.project_id(self._client, name, self._domain_id)
        return self._ids[name]

    async def name_of(self, project_id: str) -> str | None:
        """The name of the project with this id; None where the credentials don't see it.

        Raises:
            ApiError: IAM could not be asked; the next call asks again.
        """
        async with self._one_at_a_time:
            if self._names is None:
                self._names = await iam.project_names(self._client)
        return self._names.get(project_id.lower())
