"""What an emulator is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from modelarts_emulator.state.clock import SECOND

from . import assumptions

if TYPE_CHECKING:
    from collections.abc import Mapping

Rules = Literal["documented", "observed"]
NotFound = Literal["6404", "6309", "404"]

DEFAULT_ACCESS_KEY = "emulator-access-key"
DEFAULT_SECRET_KEY = "emulator-secret-key"  # noqa: S105 - the published default of a local emulator
DEFAULT_PROJECT_ID = "0123456789abcdef0123456789abcdef"
DEFAULT_REGION = "cn-north-4"


@dataclass(frozen=True, slots=True)
class Project:
    """A project: a region's own one has the region as its name, others have ``region_suffix``."""

    id: str
    name: str
    domain_id: str

    @property
    def region(self) -> str:
        """The region that the name starts with."""
        return self.name.split("_", 1)[0]


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user with one permanent pair of keys."""

    id: str
    name: str
    password: str
    domain_id: str
    domain_name: str
    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Agency:
    """A delegation: ``domain`` lets users of ``trusted_domain_id`` act in its projects."""

    id: str
    name: str
    domain_id: str
    domain_name: str
    trusted_domain_id: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in emulated milliseconds (reference: acceptance runs of public clients, 2022 to 2026)."""

    create: int = 30 * SECOND
    start: int = 30 * SECOND
    stop: int = 15 * SECOND
    delete: int = 10 * SECOND
    resize: int = 10 * SECOND
    save_image: int = 120 * SECOND
    mount: int = 5 * SECOND
    unmount: int = 5 * SECOND

    def scaled(self, factor: float) -> Timing:
        """The same durations times ``factor``."""
        return Timing(**{name: round(getattr(self, name) * factor) for name in self.__slots__})


DOMAIN_ID = "d0000000000000000000000000000001"
OTHER_DOMAIN_ID = "d0000000000000000000000000000002"


def default_users(access_key: str = DEFAULT_ACCESS_KEY, secret_key: str = DEFAULT_SECRET_KEY) -> tuple[User, ...]:
    """The user of the defaults, and one of another account (for refusals and for agencies)."""
    return (
        User("u0000000000000000000000000000001", "emulator", "emulator", DOMAIN_ID, "emulator", access_key, secret_key),
        User(
            "u0000000000000000000000000000002",
            "stranger",
            "stranger",
            OTHER_DOMAIN_ID,
            "elsewhere",
            "stranger-access-key",
            "stranger-secret-key",
        ),
    )


DEFAULT_PROJECTS = (
    Project(DEFAULT_PROJECT_ID, DEFAULT_REGION, DOMAIN_ID),
    Project("1123456789abcdef0123456789abcdef", "cn-north-4_team", DOMAIN_ID),
    Project("2123456789abcdef0123456789abcdef", "ap-southeast-3", DOMAIN_ID),
    Project("9123456789abcdef0123456789abcdef", "cn-north-4", OTHER_DOMAIN_ID),
)

DEFAULT_AGENCIES = (
    Agency("a0000000000000000000000000000001", "emulator_agency", DOMAIN_ID, "emulator", OTHER_DOMAIN_ID),
    Agency("a0000000000000000000000000000002", "elsewhere_agency", OTHER_DOMAIN_ID, "elsewhere", DOMAIN_ID),
    Agency("a0000000000000000000000000000003", "own_agency", DOMAIN_ID, "emulator", DOMAIN_ID),
)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that decides how an emulator behaves.

    Attributes:
        rules: ``documented`` follows the API's pages, ``observed`` what Huawei's Terraform provider met.
        time_scale: 0.01 makes emulated durations take 1 % of that in real time; 0 makes transitions instant.
        lease_scale: the same for leases and every printed moment; None means the time scale (real time for 0).
        seed: of the identifiers.
        quota: notebooks per account, 0 for no limit.
        not_found: code for a missing notebook; ``404`` answers with that HTTP status and code 6404.
        users, projects, agencies: the identities.
        denied: actions and operations that a user, by name, may not use (``permissions``); all others are allowed.
        timing: durations of transitions before scaling.
        assume: choices for rows of the table of assumptions.
        host_names: names under which the control answers, besides addresses and ``localhost``.
        state: path of the SQLite file, None to keep everything in memory.
    """

    rules: Rules = "documented"
    time_scale: float = 1.0
    lease_scale: float | None = None
    seed: int = 1
    quota: int = 10
    not_found: NotFound = "6404"
    users: tuple[User, ...] = field(default_factory=default_users)
    projects: tuple[Project, ...] = DEFAULT_PROJECTS
    agencies: tuple[Agency, ...] = DEFAULT_AGENCIES
    denied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    timing: Timing = Timing()
    state: str | None = None
    assume: Mapping[str, str] = field(default_factory=dict)
    host_names: tuple[str, ...] = ()

    @property
    def only_public_addresses(self) -> bool:
        """Whether an IP list takes public addresses only."""
        return self.assumed("non-public-addresses") == "refused"

    def assumed(self, ident: str) -> str:
        """The choice for one row of the table of assumptions."""
        return self.assume.get(ident, assumptions.BY_ID[ident].choices[0])

    @property
    def clock_scale(self) -> float:
        """Real seconds per emulated second."""
        if self.lease_scale is not None:
            return self.lease_scale
        return self.time_scale or 1.0

    @property
    def emulated_timing(self) -> Timing:
        """Durations on the emulated clock, so that they take ``time_scale`` of themselves in real time."""
        return self.timing.scaled(self.time_scale / self.clock_scale)
