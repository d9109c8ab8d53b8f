"""Ways to log in, each as a source of credentials; they chain (an agency of an agency of an OIDC login)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelarts_provider.api import errors
from modelarts_provider.api.auth import iam
from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth, Source
from modelarts_provider.api.auth.credentials import AccessKey, Credential, Token
from modelarts_provider.api.local_files import UnreadableFile, read_text, shown_path

if TYPE_CHECKING:
    from modelarts_provider.api.http.client import Client


@dataclass(frozen=True, slots=True)
class Fixed:
    """Credentials that somebody gave; they can't be renewed."""

    given: Credential = field(repr=False)
    origin: str
    renewable: bool = False

    @property
    def gives_token(self) -> bool:
        """Whether it is a token."""
        return isinstance(self.given, Token)

    async def fetch(self) -> Credential:
        """What was given."""
        return self.given


@dataclass(frozen=True, slots=True)
class Password:
    """An IAM user's name (or id) and password, for a token of one project.

    Attributes:
        iam: A client of IAM, without authentication.
        password: The password.
        user_name: With domain_name or domain_id; or user_id alone.
        project_name: The scope, by default the region; project_id goes before it.
    """

    iam: Client
    password: str = field(repr=False)
    user_name: str | None = None
    user_id: str | None = None
    domain_name: str | None = None
    domain_id: str | None = None
    project_name: str | None = None
    project_id: str | None = None
    origin: str = "user name and password"
    renewable: bool = True
    gives_token: bool = True

    async def fetch(self) -> Credential:
        """A token, valid for 24 hours.

        Raises:
            NoCredentials: The user's account is not named.
            AuthenticationFailed: IAM refuses.
        """
        return await iam.token_by_password(self.iam, self._user(), self._scope())

    def _user(self) -> dict[str, Any]:
        if self.user_id:
            return {"id": self.user_id, "password": self.password}
        if not (self.domain_name or self.domain_id):
            message = "the user of user_name has a password and no account"
            raise errors.NoCredentials(
                message, next_step="Set domain_name (HW_DOMAIN_NAME) to the name of the user's account."
            )
        domain = {"id": self.domain_id} if self.domain_id else {"name": self.domain_name}
        return {"name": self.user_name, "password": self.password, "domain": domain}

    def _scope(self) -> dict[str, Any]:
        return {"project": {"id": self.project_id} if self.project_id else {"name": self.project_name}}


@dataclass(frozen=True, slots=True)
class Oidc:
    """An id token of an identity provider, for a temporary access key.

    Attributes:
        iam: A client of IAM, without authentication.
        provider_id: The identity provider's id in IAM.
        id_token: The token itself, or
        id_token_file: a file that holds it, read again for each renewal.
        hides_path: Whether errors leave the file's path out: it is the value of an argument of the provider block.
    """

    iam: Client
    provider_id: str
    id_token: str | None = field(default=None, repr=False)
    id_token_file: str | None = None
    hides_path: bool = False
    origin: str = "OIDC id token"
    gives_token: bool = False

    @property
    def renewable(self) -> bool:
        """With a file: whoever wrote it keeps it fresh."""
        return self.id_token_file is not None

    async def fetch(self) -> Credential:
        """A temporary access key.

        Raises:
            NoCredentials: There is no id token, or its file can't be read.
            AuthenticationFailed: IAM refuses.
        """
        token = await iam.token_by_id_token(self.iam, self.provider_id, self._id_token())
        return await iam.key_by_token(self.iam, token.value)

    def _id_token(self) -> str:
        if self.id_token:
            return self.id_token
        if not self.id_token_file:
            raise errors.NoCredentials(
                "there is no id token", next_step="Set id_token or id_token_file of assume_role_with_oidc."
            )
        file = "the file of id_token_file" if self.hides_path else f"the id token file {shown_path(self.id_token_file)}"
        try:
            text = read_text(self.id_token_file).strip()
        except UnreadableFile as error:
            why = "can't be read: it does not exist" if error.is_missing else error.why
            raise errors.NoCredentials(f"{file} {why}", next_step="Check id_token_file.") from error
        if not text:
            message = f"{file} is empty"
            raise errors.NoCredentials(message, next_step="Check that the pipeline writes a token into it.")
        return text


@dataclass(frozen=True, slots=True)
class Agency:
    """The rights of an agency, for who may assume it.

    Named by domain_name it is an agency of IAM v3; by domain_id a trust agency, assumed through STS v5. Both are how
    Huawei's own provider reads the two settings.

    Attributes:
        base: Who assumes it.
        iam: A client of IAM, without authentication.
        sts: A client of STS, without authentication.
        agency_name: The agency.
        domain_name: Its account, or
        domain_id: its account.
        duration: Seconds that a temporary key lives; by default 12 hours (domain_name) or STS's own (domain_id).
        base_domain_id: The caller's own account, asked for where nobody set it.
        place: Where it is set, as errors name it instead of its name.
    """

    base: Source
    iam: Client
    sts: Client
    agency_name: str
    domain_name: str | None = None
    domain_id: str | None = None
    duration: int | None = None
    base_domain_id: str | None = None
    place: str = "assume_role"
    renewable: bool = True
    gives_token: bool = False

    @property
    def origin(self) -> str:
        """Who assumes what."""
        return f"agency {self.agency_name!r} assumed with {self.base.origin}"

    async def fetch(self) -> Credential:
        """A temporary access key.

        Raises:
            NoCredentials: The agency's account is not named.
            Forbidden: The caller may not assume it.
        """
        if self.domain_id:
            auth = SessionAuth(Keeper(_as_key(self.base, self.iam)))
            return await iam.key_by_trust_agency(
                self.sts.with_auth(auth), self.agency_name, self.domain_id, self.duration, self.place
            )
        if not self.domain_name:
            message = f"the account of the agency in {self.place} is not named"
            raise errors.NoCredentials(message, next_step=f"Set domain_name or domain_id of {self.place}.")
        auth = SessionAuth(Keeper(self.base))
        client = self.iam.with_auth(auth)
        if not self.base.gives_token:
            # IAM is a global service: signed calls to it name the caller's account.
            auth.domain_id = self.base_domain_id or await _own_domain(client)
        return await iam.key_by_agency(client, self.agency_name, self.domain_name, self.duration, self.place)


@dataclass(frozen=True, slots=True)
class _KeyOfToken:
    """A temporary access key in place of a token, for services that want signed calls."""

    base: Source
    iam: Client
    renewable: bool = True
    gives_token: bool = False

    @property
    def origin(self) -> str:
        """As the token's."""
        return self.base.origin

    async def fetch(self) -> Credential:
        """A temporary access key with the token's rights."""
        token = await self.base.fetch()
        return token if isinstance(token, AccessKey) else await iam.key_by_token(self.iam, token.value)


def _as_key(source: Source, client: Client) -> Source:
    return _KeyOfToken(source, client) if source.gives_token else source


async def _own_domain(client: Client) -> str | None:
    try:
        return await iam.own_domain_id(client)
    except (errors.Forbidden, errors.NotFound, errors.InvalidRequest, errors.MalformedAnswer):
        return None  # not every account may ask; IAM then says itself whether it needs the id
