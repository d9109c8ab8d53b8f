"""Who is calling: credentials, tokens, and the check of each request's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelarts_emulator.errors import gateway, refuse
from modelarts_emulator.identity import signing

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelarts_emulator.config import Config, Project, User

_WRONG = "Incorrect IAM authentication information"
_REGIONAL = re.compile(r"modelarts\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.")
"""The public address of the service in a region (endpoints of ModelArts): each region knows its own projects."""


@dataclass(frozen=True, slots=True)
class Key:
    """A pair of keys; temporary ones have a security token and an end (real UTC ms)."""

    access: str
    secret: str
    user: User
    security_token: str | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An IAM token (real UTC ms). ``project`` is None for one that is scoped to an account."""

    id: str
    user: User
    project: Project | None
    issued_at: int
    expires_at: int
    methods: tuple[str, ...] = ("password",)


@dataclass(slots=True)
class Identities:
    """Users, keys and tokens of one emulator."""

    config: Config
    wall: Callable[[], int]
    keys: dict[str, Key] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    metadata_tokens: dict[str, int] = field(default_factory=dict)
    dirty: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for user in self.config.users:
            self.keys[user.access_key] = Key(user.access_key, user.secret_key, user)

    def add_key(self, key: Key) -> None:
        """Let a temporary pair of keys be used."""
        self.keys[key.access] = key
        self.dirty.add(("key", key.access))

    def add_token(self, token: Token) -> None:
        """Let a token be used."""
        self.tokens[token.id] = token
        self.dirty.add(("token", token.id))

    def add_metadata_token(self, token: str, expires_at: int) -> None:
        """Let a token of the metadata service be used until that moment (real UTC ms)."""
        self.metadata_tokens[token] = expires_at
        self.dirty.add(("metadata-token", token))

    def projects_of(self, domain_id: str) -> list[Project]:
        """The projects of an account."""
        return [project for project in self.config.projects if project.domain_id == domain_id]

    def authenticate(self, message: signing.Message) -> Caller:
        """The caller of a signed or token-carrying request.

        Raises:
            Refusal: APIGW.0301 or 0307 (401).
        """
        if (text := message.headers.get("x-auth-token")) is not None:
            token = self.tokens.get(text)
            if token is None:
                raise gateway(401, "0301", f"{_WRONG}: decrypt token fail")
            if token.expires_at <= self.wall():
                raise gateway(401, "0307", "The token must be updated.")
            return Caller(token.user, token.project, by_token=True)
        key, signed = self._verify(message)
        named = message.headers.get("x-project-id") if "x-project-id" in signed.headers else None
        return Caller(key.user, None, named_project=named)

    def _verify(self, message: signing.Message) -> tuple[Key, signing.Signed]:
        authorization = message.headers.get("authorization")
        if authorization is None:
            raise gateway(401, "0301", f"{_WRONG}: no authorization information in the request")
        signed = signing.parse(authorization)
        if signed is None:
            raise gateway(401, "0301", f"{_WRONG}: the Authorization header cannot be read")
        key = self.keys.get(signed.access_key)
        if key is None:
            raise gateway(401, "0301", f"{_WRONG}: ak {signed.access_key} not exist")
        self._check_date(message)
        if not signing.matches(message, signed, key.secret):
            canonical = signing.canonical_request(message, signed.headers, signing.payload_hashes(message)[0])
            shown = canonical.replace("\n", "|")
            raise gateway(401, "0301", f"{_WRONG}: verify aksk signature fail, canonicalRequest:{shown}")
        if message.headers.get("x-security-token") != key.security_token:
            raise gateway(401, "0301", f"{_WRONG}: decrypt token fail")
        if key.expires_at is not None and key.expires_at <= self.wall():
            raise gateway(401, "0307", "The token must be updated.")
        return key, signed

    def _check_date(self, message: signing.Message) -> None:
        text = message.headers.get("x-sdk-date", "")
        moment = signing.parse_date(text)
        now = self.wall()
        if moment is None or abs(moment - now) > signing.TOLERANCE_MS:
            raise gateway(
                401,
                "0301",
                f"{_WRONG}: calc aksk signature fail:signature expired, signature time:{text or 'none'},server time:{now}",
            )


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller; ``project`` is a token's scope, None for keys, which are good for the whole account.

    ``named_project`` is the project id that a signed X-Project-Id names.
    """

    user: User
    project: Project | None
    by_token: bool = False
    named_project: str | None = None

    def check_project(self, config: Config, project_id: str, host: str = "") -> None:
        """Raise 403 ModelArts.0210 unless the caller may use the project of the URL.

        A signed X-Project-Id has to name the same one, and a host name with a region in it is good for that region's
        projects. A token of an account, without a project, is refused with 401 ModelArts.0212.
        """
        if self.by_token and self.project is None:
            raise refuse("0212", "The token contains no project.", status=401)
        found = next((project for project in config.projects if project.id == project_id), None)
        scoped = self.project is None or self.project.id == project_id
        named = self.named_project in (None, project_id)
        region = _REGIONAL.match(host)
        at_home = region is None or found is None or region[1] == found.region
        if found is None or found.domain_id != self.user.domain_id or not (scoped and named and at_home):
            raise refuse("0210", "The project id in the URL does not match the credentials.", status=403)
