"""Project ids by name, each looked up once per process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modelarts_provider.api import iam

if TYPE_CHECKING:
    from modelarts_provider.api.client import Client


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
