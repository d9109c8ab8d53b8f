"""The way to the service: endpoints, clock, login, project, and two calls that change nothing."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from modelarts_provider import __version__
from modelarts_provider.api.account import Account
from modelarts_provider.api.endpoints import endpoint
from modelarts_provider.api.errors import ApiError, AuthenticationFailed, Forbidden, UnknownProject
from modelarts_provider.api.http.masking import mask_url
from modelarts_provider.api.http.parsing import http_date
from modelarts_provider.api.http.proxies import proxy_for
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.doctor.configured import Files
from modelarts_provider.doctor.findings import Finding, error, failed, has_error, not_checked, ok, warning
from modelarts_provider.login_settings import location_origin, location_setting, open_account, provider_project
from modelarts_provider.settings import Settings

USER_AGENT: Final = f"terraform-provider-modelarts/{__version__} doctor"
SMALLEST_PAGE: Final = 10

SIGNATURES_FAIL: Final = timedelta(minutes=15)
WORTH_SAYING: Final = timedelta(minutes=2)
_SET_CLOCK: Final = "Set this machine's clock (and switch time synchronisation on)."
METADATA: Final = "ECS metadata service"
"""The login that is left when nothing is set, by its origin."""
_SAY_WHO: Final = (
    "Set access_key and secret_key (HW_ACCESS_KEY, HW_SECRET_KEY), or user_name, password and domain_name (HW_USER_NAME, "
    "HW_USER_PASSWORD, HW_DOMAIN_NAME), or attach an agency to this ECS machine."
)

Now = Callable[[], datetime]


def now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Examination:
    """What is examined."""

    settings: Settings
    files: Files
    account: Account
    region: str
    now: Now


async def check_service(settings: Settings, files: Files, now: Now = now) -> list[Finding]:
    """Everything that needs the network. Each check that another one's error makes useless says so."""
    patience = {**settings.values, "max_retries": min(1, settings["max_retries"])}
    try:
        account = open_account(dataclasses.replace(settings, values=patience), files, USER_AGENT, None)
    except ApiError as cause:  # certificates that can't be read, which is told with the files
        return [not_checked("service", f"{cause}")]
    region = location_setting(settings, "region", files)
    async with aclosing(account):
        if region is None:
            return await _without_region(account)
        return await _with_region(Examination(settings, files, account, region, now))


async def _without_region(account: Account) -> list[Finding]:
    """Who the user is can be said without a region, and where nothing says it, whether the machine itself does."""
    found = [_method(account, "unknown")]
    if found[0].found == METADATA:
        found = [await _logged_in(account, "unknown", found[0])]
    return [*found, not_checked("service", "no region is set, so there is no endpoint")]


async def _with_region(examined: Examination) -> list[Finding]:
    method = _method(examined.account, examined.region)
    services = ("modelarts", "iam") if _needs_iam(examined) else ("modelarts",)
    found: list[Finding] = []
    skew: timedelta | None = None
    for service in services:
        reached, skew_there = await _reach(examined, service)
        found.append(reached)
        skew = skew if skew_there is None else skew_there
    if not has_error(found):
        found.append(_clock(skew))
    if method.status == "error" or has_error(found[: len(services)]):
        because = "the login isn't complete" if method.status == "error" else "an endpoint can't be reached"
        if method.status != "error" and not _is_given(examined):
            method = not_checked(
                "login", f"{because}, so nobody was asked for credentials; it would be: {method.found}"
            )
        return [
            method,
            *found,
            *_useless(because, "authentication", "project", "permissions"),
        ]
    login = await _logged_in(examined.account, examined.region, method)
    if login.status == "error":
        return [login, *found, *_useless("the login failed", "authentication", "project", "permissions")]
    return [login, *found, *await _permissions(examined)]


def _method(account: Account, region: str) -> Finding:
    try:
        return ok("login", account.origin(region))
    except ApiError as cause:
        return failed("login", cause)


def _needs_iam(examined: Examination) -> bool:
    """Whether the service can't be called without asking IAM for a credential or a project id."""
    return provider_project(examined.settings, examined.files).id is None or not _is_given(examined)


def _is_given(examined: Examination) -> bool:
    """Whether the credential itself was given, so that there is nothing to fetch before a call."""
    settings = examined.settings
    if settings["assume_role"]:
        return False
    if settings["token"] or settings["access_key"]:
        return True
    return any(file and file.key and not file.agency_name for file in examined.files)


async def _reach(examined: Examination, service: str) -> tuple[Finding, timedelta | None]:
    """Whether a service answers, and how far this machine's clock is ahead of its."""
    check = f"endpoint {service}"
    settings = examined.settings
    auth_url = settings["auth_url"] or next((f.iam_endpoint for f in examined.files if f and f.iam_endpoint), None)
    url = endpoint(service, examined.region, cloud=settings["cloud"], overrides=settings.endpoints, auth_url=auth_url)
    began, started = examined.now(), time.monotonic()
    try:
        answer = await examined.account.probe(service, examined.region)
    except ApiError as cause:
        return failed(check, cause), None
    took = time.monotonic() - started
    words = [f"{mask_url(url)} answered (HTTP {answer.status}, {took * 1000:.0f} ms)", _way(url, settings)]
    skew = _skew(answer.headers.get("date"), began + timedelta(seconds=took / 2))
    kind = answer.headers.get("content-type", "no content type")
    if "json" not in kind:
        mend = "Check the endpoint, and whether a proxy or a log-in page of the network answers in its place."
        return warning(check, f"{', '.join(words)}, with {kind} instead of the API's JSON", mend), skew
    return ok(check, ", ".join(words)), skew


def _way(url: str, settings: Settings) -> str:
    proxy = proxy_for(httpx.URL(url))
    by = f"through the proxy {proxy.shown}" if proxy else "without a proxy"
    if not url.startswith("https:"):
        return f"without TLS, {by}"
    return f"{'TLS, certificate not checked' if settings['insecure'] else 'TLS with a trusted certificate'}, {by}"


def _skew(date: str | None, here: datetime) -> timedelta | None:
    there = http_date(date or "")
    return None if there is None else here - there


def _clock(skew: timedelta | None) -> Finding:
    if skew is None:
        return warning("clock", "not checked: the service's answer has no time")
    seconds = abs(skew).total_seconds()
    words = f"{seconds / 60:.0f} minutes" if abs(skew) > WORTH_SAYING else f"{seconds:.0f} s"
    said = f"this machine is {words} {'ahead of' if skew > timedelta() else 'behind'} the service"
    if abs(skew) > SIGNATURES_FAIL:
        return error("clock", f"{said}: signatures are refused from 15 minutes on", _SET_CLOCK)
    if abs(skew) > WORTH_SAYING:
        return warning("clock", said, _SET_CLOCK)
    return ok("clock", said)


async def _logged_in(account: Account, region: str, method: Finding) -> Finding:
    try:
        end = await account.log_in(region)
    except ApiError as cause:
        if method.found == METADATA:
            return error("login", f"nothing says who you are, and {cause.__cause__ or cause}", _SAY_WHO)
        return error("login", f"{method.found}: {cause}", cause.next_step)
    return ok("login", f"{method.found}, valid until {end.isoformat(timespec='seconds')}" if end else method.found)


async def _permissions(examined: Examination) -> list[Finding]:
    """Project, authentication and what may be read."""
    try:
        notebooks = await examined.account.notebooks(examined.region)
        project_id = await examined.account.project_id(examined.region)
    except AuthenticationFailed as cause:
        return [failed("authentication", cause), *_useless("the call was not accepted", "project", "permissions")]
    except UnknownProject as cause:
        known = ok("authentication", "IAM knows who is calling")
        return [known, failed("project", cause), *_useless("there is no project id", "permissions")]
    except ApiError as cause:
        return [failed("project", cause), *_useless("there is no project id", "authentication", "permissions")]
    project = _project(examined, project_id)
    try:
        await notebooks.page(limit=SMALLEST_PAGE)
    except ApiError as cause:
        return _refused(project, cause)
    return [
        ok("authentication", "the service accepts the calls"),
        project,
        ok("permission to list notebooks", "given"),
        await _flavors(notebooks),
    ]


def _project(examined: Examination, project_id: str) -> Finding:
    """Where the project id came from; one that is given for another region isn't used."""
    given = provider_project(examined.settings, examined.files)
    if project_id in (given.id, given.unplaced_id):
        return ok("project", f"given: {given.origin}")
    passed_over = location_origin(examined.settings, "project_id", examined.files)
    others = f"; the one of {passed_over} belongs to another region than {examined.region}" if passed_over else ""
    return ok("project", f"{project_id}, looked up by its name{others}")


def _refused(project: Finding, cause: ApiError) -> list[Finding]:
    """What a refused list says about who is calling, the project and the permission."""
    if isinstance(cause, AuthenticationFailed):
        return [failed("authentication", cause), project, *_useless("the call was not accepted", "permissions")]
    if not isinstance(cause, Forbidden):
        return [project, failed("service", cause), *_useless("the call failed", "authentication", "permissions")]
    known = ok("authentication", "the service knows who is calling")
    if cause.is_about_the_project:
        return [known, failed("project", cause), *_useless("the project isn't yours", "permissions")]
    return [known, project, failed("permission to list notebooks", cause)]


def _useless(because: str, *checks: str) -> list[Finding]:
    return [not_checked(check, because) for check in checks]


async def _flavors(notebooks: Notebooks) -> Finding:
    check = "permission to list flavors"
    try:
        flavors = await notebooks.flavors()
    except ApiError as cause:
        return warning(check, str(cause), f"{cause.next_step} Only check_flavors_at_plan needs it.")
    names = sorted(f"{flavor.get('id')}{' (sold out)' if flavor.get('sold_out') else ''}" for flavor in flavors)
    return ok(check, f"given; flavors of this project: {', '.join(names) or 'none'}")
