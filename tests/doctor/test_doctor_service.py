"""The way to the service: reachable or not, the clock, the login, the project, what the caller may do."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from broken_servers import page_server
from doctor_bench import Bench, errors, unchecked

from modelarts_emulator.http.app import create_app
from modelarts_emulator.state.clock import wall_now
from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.doctor.findings import Finding

AFTER_ENDPOINT = {"authentication", "project", "permissions"}


def test_all_is_well(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    found = bench.examine()
    assert errors(found) | unchecked(found) == set()
    assert found["login"].found == "access key"
    assert found["project"].found == f"{emulator.project_id}, looked up by its name"
    assert "without TLS, without a proxy" in found["endpoint modelarts"].found
    assert found["clock"].status == "ok"


def test_it_changes_nothing_and_asks_for_little(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    bench.examine()
    calls = emulator.requests()
    assert {call["method"] for call in calls} == {"GET"}
    assert len(calls) <= 6
    assert {call["query"]["limit"] for call in calls if call["operation"] == "ListNotebooks"} == {"10"}


def test_iam_is_left_alone_where_it_is_not_needed(bench: Bench, emulator: Control, closed_port: int) -> None:
    bench.use(emulator)
    bench.set(HW_PROJECT_ID=emulator.project_id, HW_ENDPOINT_IAM=f"http://127.0.0.1:{closed_port}")
    found = bench.examine()
    assert errors(found) | unchecked(found) == set()
    assert "endpoint iam" not in found
    assert found["project"].found == "given: environment HW_PROJECT_ID"


def test_a_project_of_another_region_is_passed_over(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    bench.set(HW_PROJECT_ID=emulator.project_id)
    found = bench.examine("ap-southeast-3")
    assert errors(found) | unchecked(found) == set()
    looked_up = "2123456789abcdef0123456789abcdef, looked up by its name"
    others = "the one of environment HW_PROJECT_ID belongs to another region than ap-southeast-3"
    assert found["project"].found == f"{looked_up}; {others}"

    bench.set(HW_REGION_NAME=None)
    assert bench.examine("ap-southeast-3")["project"].found == f"{looked_up}; {others}"
    assert bench.examine("cn-north-4")["project"].found == "given: environment HW_PROJECT_ID"


@pytest.mark.parametrize(
    ("variables", "login"),
    [
        (
            {"HW_USER_NAME": "emulator", "HW_USER_PASSWORD": "emulator", "HW_DOMAIN_NAME": "emulator"},
            "user name and password, valid until",
        ),
        (
            {"HW_ASSUME_ROLE_IDP_ID": "emulator-idp", "HW_ASSUME_ROLE_ID_TOKEN": "emulator-id-token"},
            "OIDC id token, valid until",
        ),
        (
            {
                "HW_ACCESS_KEY": "stranger-access-key",
                "HW_SECRET_KEY": "stranger-secret-key",
                "HW_ASSUME_ROLE_AGENCY_NAME": "emulator_agency",
                "HW_ASSUME_ROLE_DOMAIN_NAME": "emulator",
            },
            "agency 'emulator_agency' assumed with access key, valid until",
        ),
    ],
    ids=["password", "oidc", "agency"],
)
def test_each_login_is_named_and_tried(bench: Bench, emulator: Control, variables: dict[str, str], login: str) -> None:
    bench.use(emulator, key=False)
    bench.set(HW_PROJECT_ID=emulator.project_id, **variables)
    found = bench.examine()
    assert errors(found) | unchecked(found) == set()
    assert found["login"].found.startswith(login)
    assert "endpoint iam" in found, "this login asks IAM"


@pytest.mark.parametrize(
    ("variables", "wrong", "words"),
    [
        ({"HW_SECRET_KEY": "nonsense"}, "authentication", "APIGW.0301"),
        ({"HW_SECRET_KEY": "nonsense", "HW_PROJECT_ID": "0" * 32}, "authentication", "APIGW.0301"),
        ({"HW_ACCESS_KEY": "nobody"}, "authentication", "APIGW.0301"),
        ({"HW_PROJECT_ID": "f" * 32}, "project", "ModelArts.0210"),
        ({"HW_PROJECT_NAME": "no-such-project"}, "project", "no project named 'no-such-project'"),
        ({"HW_AUTH_TOKEN": "made-up", "HW_PROJECT_ID": "0" * 32}, "authentication", "401"),
        ({"HW_ASSUME_ROLE_AGENCY_NAME": "none", "HW_ASSUME_ROLE_DOMAIN_NAME": "emulator"}, "login", "not found"),
    ],
    ids=str,
)
def test_what_the_service_refuses(
    bench: Bench, emulator: Control, variables: dict[str, str], wrong: str, words: str
) -> None:
    bench.use(emulator)
    bench.set(**variables)
    found = bench.examine()
    assert errors(found) == {wrong}
    assert words in found[wrong].found
    assert not [check for check in found if check.startswith("permission to")]


def test_a_wrong_password_is_the_login_s_error(bench: Bench, emulator: Control) -> None:
    bench.use(emulator, key=False)
    bench.set(HW_USER_NAME="emulator", HW_USER_PASSWORD="nonsense", HW_DOMAIN_NAME="emulator")
    found = bench.examine()
    assert errors(found) == {"login"}
    assert "wrong" in found["login"].found
    assert unchecked(found) == AFTER_ENDPOINT


def test_a_missing_permission(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    emulator.add_fault(operation="ListNotebooks", status=403, error_code="ModelArts.0112", error_msg="no", count=0)
    found = bench.examine()
    assert errors(found) == {"permission to list notebooks"}
    assert found["authentication"].status == found["project"].status == "ok"
    assert "permission" in found["permission to list notebooks"].mend


def test_flavors_that_can_not_be_listed_are_a_warning(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    emulator.add_fault(path="/notebooks/flavors", status=403, error_code="ModelArts.0112", error_msg="no", count=0)
    found = bench.examine()
    assert errors(found) == set()
    assert found["permission to list flavors"].status == "warning"


def test_a_service_that_fails(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    emulator.add_fault(operation="ListNotebooks", status=503, count=0)
    found = bench.examine()
    assert errors(found) == {"service"}
    assert "503" in found["service"].found
    assert len([call for call in emulator.requests() if call["operation"] == "ListNotebooks"]) == 2, "it waits little"


@pytest.mark.parametrize(
    ("url", "words", "mend"),
    [
        ("http://127.0.0.1:{closed}", "no connection to http://127.0.0.1:{closed}", "host and port"),
        ("https://modelarts.nowhere.invalid", "modelarts.nowhere.invalid can't be resolved", "typing error"),
        ("https://127.0.0.1:{open}", "no secure connection to https://127.0.0.1:{open}", "write http://"),
        ("127.0.0.1:{open}", "is not an http:// or https:// URL", "http:// or https://"),
        ("http://xn--a.example", "is not an http:// or https:// URL of a host that can exist", "http:// or https://"),
    ],
)
def test_an_endpoint_that_can_not_be_reached(
    bench: Bench, emulator: Control, closed_port: int, url: str, words: str, mend: str
) -> None:
    ports = {"closed": str(closed_port), "open": emulator.url.rpartition(":")[2]}
    bench.use(emulator)
    bench.set(HW_ENDPOINT_MODELARTS=url.format(**ports))
    found = bench.examine()
    assert errors(found) == {"endpoint modelarts"}
    assert words.format(**ports) in found["endpoint modelarts"].found
    assert mend in found["endpoint modelarts"].mend
    assert unchecked(found) == AFTER_ENDPOINT


@pytest.mark.parametrize(
    ("variables", "login"),
    [
        ({}, "ECS metadata service"),
        (
            {"HW_USER_NAME": "emulator", "HW_USER_PASSWORD": "emulator", "HW_DOMAIN_NAME": "emulator"},
            "user name and password",
        ),
    ],
    ids=["nothing set", "password"],
)
def test_a_login_that_was_not_tried_is_not_called_good(
    bench: Bench, emulator: Control, closed_port: int, variables: dict[str, str], login: str
) -> None:
    bench.use(emulator, key=False)
    bench.set(HW_ENDPOINT_MODELARTS=f"http://127.0.0.1:{closed_port}", HW_PROJECT_ID=emulator.project_id, **variables)
    found = bench.examine()
    assert errors(found) == {"endpoint modelarts"}
    assert unchecked(found) == {"login", *AFTER_ENDPOINT}
    assert found["login"].status == "warning"
    assert login in found["login"].found


def test_the_ecs_metadata_service_s_own_reason_is_told_once(bench: Bench, emulator: Control, closed_port: int) -> None:
    bench.use(emulator, key=False)
    bench.set(HW_ENDPOINT_METADATA=f"http://127.0.0.1:{closed_port}")
    login = bench.examine()["login"]
    assert login.found.startswith("nothing says who you are, and this machine has no ECS metadata service (")
    assert "no credentials are set" not in login.found


def test_a_dead_proxy(bench: Bench, emulator: Control, closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://me:proxy-password@127.0.0.1:{closed_port}")
    bench.use(emulator)
    found = bench.examine()
    assert errors(found) == {"endpoint modelarts", "endpoint iam"}
    said = found["endpoint modelarts"]
    assert f"through the proxy http://***@127.0.0.1:{closed_port}" in said.found
    assert "HTTPS_PROXY" in said.mend


def test_a_proxy_that_lets_us_through_is_said(bench: Bench, emulator: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator stands in for one: a proxy gets the whole URL, and routes by path are all that it looks at."""
    bench.use(emulator)
    bench.set(HW_ENDPOINT_MODELARTS="http://modelarts.behind.invalid", HW_PROJECT_ID=emulator.project_id)
    monkeypatch.setenv("HTTP_PROXY", emulator.url)
    finding = bench.examine()["endpoint modelarts"]
    assert finding.status == "ok"
    assert f"through the proxy {emulator.url}" in finding.found


@pytest.mark.parametrize(
    ("off", "status", "words"),
    [
        (timedelta(), "ok", " s "),
        (timedelta(seconds=60), "ok", "ahead of"),
        (timedelta(minutes=-3), "warning", "3 minutes behind"),
        (timedelta(minutes=14), "warning", "14 minutes ahead of"),
        (timedelta(minutes=16), "error", "16 minutes ahead of"),
        (timedelta(hours=-2), "error", "120 minutes behind"),
    ],
    ids=str,
)
def test_the_clock(bench: Bench, emulator: Control, off: timedelta, status: str, words: str) -> None:
    bench.use(emulator)
    clock = bench.examine(clock_off=off)["clock"]
    assert clock.status == status
    assert words in clock.found
    assert ("clock" in clock.mend) == (status != "ok")


def test_a_signature_that_is_too_old(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own judgement, where its Date header is right and the gateway's clock isn't."""
    ahead = partial(create_app, wall=lambda: wall_now() + 20 * 60_000)
    monkeypatch.setattr("modelarts_emulator.testing.create_app", ahead)
    with running_emulator() as skewed:
        bench.use(skewed)
        bench.set(HW_PROJECT_ID=skewed.project_id)
        found = bench.examine()
    assert errors(found) == {"authentication"}
    assert "the signature's time is" in found["authentication"].found
    assert "15 minutes" in found["authentication"].mend


def behind(bench: Bench, url: str) -> dict[str, Finding]:
    bench.set(
        HW_REGION_NAME="cn-north-4",
        HW_ENDPOINT_MODELARTS=url,
        HW_PROJECT_ID="0" * 32,
        HW_ACCESS_KEY="one",
        HW_SECRET_KEY="two-two",
    )
    return bench.examine()


@pytest.mark.parametrize("status", [200, 404])
def test_a_log_in_page_of_the_network(bench: Bench, status: int) -> None:
    with page_server(status, b"<html>Log in</html>", Content_Type="text/html") as url:
        found = behind(bench, url)
    assert found["endpoint modelarts"].status == "warning"
    assert "text/html" in found["endpoint modelarts"].found
    assert errors(found) == {"service"}
    assert "proxy" in found["service"].mend


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_a_service_that_does_not_tell_the_time(bench: Bench, date: str | None) -> None:
    headers = {"Content_Type": "application/json"} | ({"Date": date} if date else {})
    with page_server(200, b'{"data": [], "total": 0}', **headers) as url:
        found = behind(bench, url)
    assert found["clock"].status == "warning"
    assert found["permission to list notebooks"].status == "ok"
