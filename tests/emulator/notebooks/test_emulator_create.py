"""POST /notebooks: each field's documented check, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import (
    ARM,
    ASCEND,
    CPU2,
    FREE,
    GPU,
    HOUR,
    IMAGE,
    IMAGE_ARM,
    IMAGE_GPU,
    IMAGE_SSH_ONLY,
    POOL,
    POOL_ONLY,
    SOLD_OUT,
    Api,
)

EVS = {"category": "EVS", "ownership": "MANAGED"}
OBS = {"category": "OBS", "ownership": "DEDICATED", "uri": "obs://bucket/dir/", "dew_secret_name": "secret"}
EFS = {
    "category": "EFS",
    "ownership": "DEDICATED",
    "uri": "efs.example:/",
    "id": "0a1b2c3d-0000-4000-8000-000000000001",
}
VPC = {"vpc_id": "v", "subnet_id": "s", "security_group_ids": ["g"]}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "6335"),
    ({"name": ""}, "6335"),
    ({"name": "a" * 129}, "6336"),
    ({"name": "with space"}, "6334"),
    ({"name": "dot.ted"}, "6334"),
    ({"name": "line\n"}, "6334"),
    ({"name": 1}, "6332"),
    ({"description": "x" * 513}, "6336"),
    *[({"description": f"a{char}b"}, "6334") for char in "&<>\"'/"],
    ({"description": ["x"]}, "6332"),
    ({"description": "nul\x00"}, "6336"),
    ({"flavor": None}, "6335"),
    ({"flavor": "modelarts.vm.unknown"}, "6323"),
    ({"flavor": POOL_ONLY}, "6323"),
    ({"flavor": FREE}, "6870"),
    ({"flavor": CPU2, "feature": "DEFAULT"}, "6870"),
    ({"flavor": GPU}, "6323"),
    ({"flavor": ARM}, "6323"),
    ({"flavor": SOLD_OUT, "image_id": IMAGE_GPU}, "6329"),
    ({"image_id": None}, "6335"),
    ({"image_id": "x"}, "6336"),
    ({"image_id": "00000000-0000-4000-8000-000000000000"}, "6797"),
    ({"image_id": IMAGE_SSH_ONLY}, "6768"),
    ({"image_id": IMAGE_SSH_ONLY, "endpoints": [{"service": "NOTEBOOK"}]}, "6768"),
    ({"image_id": IMAGE_SSH_ONLY, "endpoints": [{"service": "NOTEBOOK"}, {"service": "SSH"}]}, "6336"),
    ({"feature": "OTHER"}, "6336"),
    ({"workspace_id": "f" * 32}, "0102"),
    ({"pool_id": "pool-unknown"}, "0104"),
    ({"pool_id": POOL}, "6323"),  # the flavor isn't one of this pool
    ({"volume": None}, "6335"),
    ({"volume": []}, "6332"),
    ({"volume": {}}, "6335"),
    ({"volume": {"category": "EVS"}}, "6335"),
    ({"volume": {**EVS, "category": "SFS"}}, "6324"),
    ({"volume": {**EVS, "ownership": "MINE"}}, "6336"),
    ({"volume": {**EVS, "capacity": 4}}, "6331"),
    ({"volume": {**EVS, "capacity": 4097}}, "6331"),
    ({"volume": {**EVS, "capacity": "50"}}, "6332"),
    ({"volume": {**EVS, "read_only": "no"}}, "6332"),
    ({"volume": {**EVS, "ownership": "DEDICATED"}}, "6702"),
    ({"volume": {"category": "OBS", "ownership": "MANAGED"}}, "6702"),
    ({"volume": {"category": "EFS", "ownership": "MANAGED", "capacity": 0}}, "6336"),
    ({"volume": {**EFS, "uri": None}}, "6335"),
    ({"volume": {**EFS, "id": None}}, "6335"),
    ({"volume": {**EFS, "id": "x"}}, "6336"),
    ({"volume": {**OBS, "uri": None}}, "6317"),
    ({"volume": {**OBS, "uri": "obs://bucket/dir"}}, "6318"),
    ({"volume": {**OBS, "uri": "s3://bucket/"}}, "6336"),
    ({"volume": {**OBS, "dew_secret_name": None}}, "6967"),
    ({"volume": OBS}, "6702"),  # in the public pool
    ({"endpoints": [{"service": "FTP"}]}, "6336"),
    ({"endpoints": ["SSH"]}, "6332"),
    ({"endpoints": [{"service": "SSH"}, {"service": "ssh"}]}, "6336"),
    ({"endpoints": [{"service": "SSH", "key_pair_names": [1]}]}, "6332"),
    ({"endpoints": [{"service": "SSH", "key_pair_names": ["no way"]}]}, "6336"),
    ({"endpoints": [{"service": "SSH", "allowed_access_ips": [f"8.8.8.{i}" for i in range(6)]}]}, "6336"),
    *[
        ({"endpoints": [{"service": "SSH", "allowed_access_ips": [ip]}]}, "6336")
        for ip in ("10.0.0.0/8", "8.8.8.8/32", "8.8.8", "::1", "08.8.8.8", "")
    ],
    ({"hooks": {"container_hooks": []}}, "6332"),
    ({"hooks": {"container_hooks": {"pre_start": {"type": "SCRIPT"}}}}, "6335"),
    ({"hooks": {"container_hooks": {"pre_start": {"script": "relative.sh"}}}}, "6336"),
    ({"hooks": {"container_hooks": {"post_start": {"type": "COMMAND", "script": "no base64!"}}}}, "6336"),
    ({"hooks": {"container_hooks": {"post_start": {"type": "OTHER", "script": "/x"}}}}, "6336"),
    ({"hooks": {"container_hooks": {"post_start": {"script": "/x", "mode": "MAYBE"}}}}, "6336"),
    ({"duration": HOUR - 1}, "6349"),
    ({"duration": 72 * HOUR + 1}, "6349"),
    ({"duration": "3600000"}, "6332"),
    ({"lease": {"duration": HOUR - 1}}, "6349"),
    ({"lease": {"type": "NEVER"}}, "6336"),
    ({"lease": {"type": 1}}, "6332"),
    ({"lease": []}, "6332"),
    ({"custom_spec": {"cpu": 1, "memory": 1024}}, "6336"),
    ({"pool_id": POOL, "custom_spec": {"cpu": 0.3, "memory": 1024}}, "6336"),
    ({"pool_id": POOL, "custom_spec": {"cpu": 1}}, "6335"),
    ({"pool_id": POOL, "custom_spec": {"cpu": "1", "memory": 1024}}, "6332"),
    ({"pool_id": POOL, "custom_spec": {"cpu": 1, "memory": 512}}, "6336"),
    ({"run_user": {"uid": "root"}}, "6332"),
    ({"user_vpc": {"vpc_id": "v"}}, "6335"),
    ({"affinity": "none"}, "6332"),
    ({"public_network_config": {"public_network_type": "OPEN"}}, "6336"),
]


@pytest.mark.parametrize(("changes", "code"), REFUSED)
def test_refused_with_the_documented_code(api: Api, changes: dict[str, Any], code: str) -> None:
    answer = api.create(**changes)
    assert (answer.status, answer.code) == (400, code), answer.raw
    assert answer.headers["x-request-id"]
    assert set(answer.body) == {"error_code", "error_msg"}
    assert api.world.notebooks == {}


ACCEPTED: list[dict[str, Any]] = [
    {"name": "a" * 128},
    {"name": "A-z_09"},
    {"description": ""},
    {"description": "ünïcode, 中文 and (punctuation)!"},
    {"volume": {"category": "evs", "ownership": "managed"}},
    {"volume": {**EVS, "capacity": 5}},
    {"volume": {**EVS, "capacity": 4096}},
    {"volume": EFS},
    {"feature": "notebook"},
    {"flavor": FREE, "feature": "default"},
    {"flavor": ASCEND, "image_id": "d7a0c2f4-3b9e-4f51-9d0a-6c8b7e1f4d33"},
    {"flavor": GPU, "image_id": IMAGE_GPU},
    {"flavor": CPU2, "image_id": IMAGE_GPU},
    {"flavor": ARM, "image_id": IMAGE_ARM},
    {"image_id": IMAGE.upper()},
    {"workspace_id": "abcdef0123456789abcdef0123456789"},
    {"pool_id": POOL, "flavor": POOL_ONLY},
    {"pool_id": POOL, "flavor": POOL_ONLY, "volume": OBS},
    {"pool_id": POOL, "flavor": None, "custom_spec": {"cpu": 0.45, "memory": 513}},
    {"duration": -1},
    {"duration": 72 * HOUR},
    {"lease": {"type": "idle", "duration": 15 * 60_000}},
    {"hooks": {}},
    {"endpoints": [{"service": "SSH", "key_pair_names": ["k"], "allowed_access_ips": ["8.8.8.8", "8.8.8.8"]}]},
    {"user_vpc": VPC, "run_user": {"uid": 1000}, "affinity": {}, "public_network_config": {}},
    {"tags": [{"key": "a", "value": "b"}], "unknown": 1},
]


@pytest.mark.parametrize("changes", ACCEPTED)
def test_accepted(api: Api, changes: dict[str, Any]) -> None:
    answer = api.create(**changes)
    assert answer.status == 200, answer.raw
    api.wait(30)
    assert api.status(answer.body["id"]) == "RUNNING"


def test_names_by_the_two_sources(api: Api, observed: Api) -> None:
    assert api.create(name="笔记本").code == "6334"
    assert observed.create(name="笔记本").status == 200
    assert observed.create(description="a&b 'c' d/e").status == 200
    assert observed.create(description="a<b").code == "6334"


def test_what_comes_back(api: Api) -> None:
    ident = api.running(
        flavor=POOL_ONLY, pool_id=POOL, volume=OBS, user_vpc={**VPC, "connect_cidrs": ["10.0.0.0/8", "172.16.0.0/12"]}
    )
    shown = api.show(ident)
    assert shown["pool"] == {"id": POOL, "name": "emulator-pool"}
    assert shown["volume"] == {
        "category": "OBSFS",
        "ownership": "DEDICATED",
        "mount_path": "/home/ma-user/work/",
        "uri": "obs://bucket/dir/",
        "dew_secret_name": "secret",
        "status": "IN_USE",
        "mount_type": "MAIN",
    }
    assert shown["user_vpc"]["connect_cidrs"] == "10.0.0.0/8,172.16.0.0/12"
    assert "public_network_config" not in shown


def test_a_custom_spec_has_a_fixed_flavor_text(api: Api) -> None:
    ident = api.running(flavor=None, pool_id=POOL, custom_spec={"cpu": 2, "memory": 4096, "arch": "x86_64"})
    shown = api.show(ident)
    assert shown["flavor"] == "custom.flavor.spec.code"
    assert shown["custom_spec"] == {"cpu": 2, "memory": 4096, "arch": "X86_64", "category": "CPU"}


def test_efs_keeps_address_and_id(api: Api) -> None:
    volume = api.show(api.running(volume=EFS))["volume"]
    assert (volume["uri"], volume["id"], volume["capacity"]) == (EFS["uri"], EFS["id"], 50)


def test_one_free_instance_per_user(api: Api) -> None:
    assert api.create(flavor=FREE, feature="DEFAULT").status == 200
    assert api.create(flavor=FREE, feature="DEFAULT").code == "6302"


def test_names_can_be_repeated(api: Api) -> None:
    assert api.create().status == api.create().status == 200


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"', b"\xff\xfe", b'{"name": NaN}', b"[" * 100_000])
def test_unreadable_bodies(api: Api, raw: bytes) -> None:
    answer = api.call("POST", "/notebooks", raw=raw)
    assert (answer.status, answer.code) == (400, "6400")
    assert api.world.notebooks == {}
