from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fake_iam import BASE, NOT_TRUSTED, TEXT_TOKEN, Service, fetch, key, refused, service, v3_key

from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.metadata import Metadata
from modelarts_provider.api.auth.projects import Projects
from modelarts_provider.api.errors import Forbidden, NoCredentials, NothingSaysWho, UnknownProject


def test_metadata_version_2():
    md = service(md_token=TEXT_TOKEN, md_key=v3_key("ECS"))
    assert fetch(Metadata(md.client())) == key("ECS")
    assert md.asked[0].headers["x-metadata-token-ttl-seconds"] == "21600"
    assert md.asked[1].headers["x-metadata-token"] == "metadata-token"


@pytest.mark.parametrize("status", [404, 405, 503])
def test_metadata_version_1(status):
    md = service(md_token=httpx.Response(status, text="no"), md_key=v3_key("ECS"))
    assert fetch(Metadata(md.client())) == key("ECS")
    assert "x-metadata-token" not in md.asked[-1].headers


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"md_token": httpx.ConnectTimeout("slow")}, "no ECS metadata service"),
        ({"md_token": httpx.ConnectError("no route")}, "no ECS metadata service"),
        (
            {"md_token": TEXT_TOKEN, "md_key": httpx.Response(401, text="Please configure Cloud Service Agency first")},
            "no agency",
        ),
        ({"md_token": TEXT_TOKEN, "md_key": httpx.Response(500, text="oops")}, "gave no access key"),
        ({"md_token": httpx.Response(403, text="no"), "md_key": v3_key("ECS")}, "gave no access key"),
        ({"md_token": TEXT_TOKEN, "md_key": httpx.Response(200, text="<html>")}, "gave no access key"),
        ({"md_token": TEXT_TOKEN, "md_key": httpx.Response(200, json={})}, "gave no access key"),
    ],
)
def test_metadata_that_gives_nothing(answers, said):
    error = refused(Metadata(service(**answers).client()), NoCredentials)
    assert said in str(error)
    assert "access_key" in error.next_step
    last = refused(Metadata(service(**answers).client(), is_last_resort=True), NothingSaysWho)
    assert str(last).startswith("no credentials are set")
    assert said in str(last)
    assert last.next_step.startswith("Set access_key and secret_key")


def projects(*entries: dict[str, Any]) -> Service:
    return service(projects=httpx.Response(200, json={"projects": [*entries]}))


def test_a_project_is_looked_up_once():
    iam = projects({"id": "p1", "name": "cn-north-4", "domain_id": "d"})

    async def run() -> Any:
        found = Projects(iam.client().with_auth(SessionAuth(Keeper(BASE))))
        return await asyncio.gather(*[found.id_of("cn-north-4") for _ in range(20)]), await found.id_of("cn-north-4")

    assert asyncio.run(run()) == (["p1"] * 20, "p1")
    assert [str(request.url) for request in iam.asked] == ["http://service.test/v3/projects?name=cn-north-4"]
    assert iam.callers == ["BASE"]
    assert "x-project-id" not in iam.asked[0].headers


def test_a_failed_look_up_is_tried_again():
    iam = service(projects=[NOT_TRUSTED, httpx.Response(200, json={"projects": [{"id": "p1", "name": "r"}]})])

    async def run() -> Any:
        found = Projects(iam.client())
        with pytest.raises(Forbidden):
            await found.id_of("r")
        return await found.id_of("r")

    assert asyncio.run(run()) == "p1"


@pytest.mark.parametrize(
    ("entries", "domain", "said"),
    [
        ([], None, "no project named 'r'"),
        ([{"id": "p", "name": "r_team"}], None, "no project named 'r'"),
        ([{"id": "p", "name": "r", "domain_id": "x"}], "d", "no project named 'r'"),
        ([{"id": "p1", "name": "r"}, {"id": "p2", "name": "r"}], None, "p1, p2"),
    ],
)
def test_no_single_project(entries, domain, said):
    with pytest.raises(UnknownProject) as raised:
        asyncio.run(Projects(projects(*entries).client(), domain).id_of("r"))
    assert said in str(raised.value)
    assert "project_id" in raised.value.next_step


def test_an_iam_that_has_no_projects_does_not_read_as_a_missing_notebook():
    gone = httpx.Response(404, json={"error": {"code": 404, "message": "not here", "title": "Not Found"}})
    with pytest.raises(UnknownProject, match="not here"):
        asyncio.run(Projects(service(projects=gone).client()).id_of("r"))


def test_the_account_decides_between_projects_of_one_name():
    found = projects({"id": "p1", "name": "r", "domain_id": "d1"}, {"id": "p2", "name": "r", "domain_id": "d2"})
    assert asyncio.run(Projects(found.client(), "d2").id_of("r")) == "p2"
