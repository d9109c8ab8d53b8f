"""What may stand in the address of a service, as patterns that a whole text must match.

The region and the domain become a part of the host that signed calls go to, so neither may hold what ends a host's name.
"""

from __future__ import annotations

from typing import Final

_HOST: Final = r"([\w.-]+|\[[0-9A-Fa-f:.]+\])"
_LABEL: Final = r"[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?"

PORT: Final = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
REGION: Final = r"[a-z0-9]+(-[a-z0-9]+)*"
PROJECT_ID: Final = r"[0-9a-zA-Z]{32}"
CLOUD: Final = rf"{_LABEL}(\.{_LABEL})*"
URL: Final = rf"https?://{_HOST}(:{PORT})?(/[^\s?#\x00-\x1f\x7f-\x9f]*)?"
"""An endpoint: without user, query and fragment, which would end up in every call."""
