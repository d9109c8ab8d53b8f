"""Storage, endpoints and hooks: their attributes, and errors where they are made."""

from __future__ import annotations

import base64

import pytest

from modelarts_constructs import AutoStop, ConstructError, Endpoint, Hook, Storage, expression
from modelarts_constructs._cdk import cdktf

UUID = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"
SIX = [f"1.1.1.{index}" for index in range(6)]


@pytest.mark.parametrize(
    ("storage", "attributes"),
    [
        (Storage.evs(), {"category": "EVS"}),
        (Storage.evs(5), {"category": "EVS", "size": 5}),
        (Storage.evs(size=4096), {"category": "EVS", "size": 4096}),
        (Storage.efs(), {"category": "EFS"}),
        (
            Storage.efs(uri="host:/", id=UUID),
            {"category": "EFS", "ownership": "DEDICATED", "uri": "host:/", "id": UUID},
        ),
        (
            Storage.obs(uri="obs://b/f/", dew_secret_name="s"),
            {"category": "OBS", "ownership": "DEDICATED", "uri": "obs://b/f/", "dew_secret_name": "s"},
        ),
        (
            Storage.obsfs(uri="obs://b/f/", dew_secret_name="s"),
            {"category": "OBSFS", "ownership": "DEDICATED", "uri": "obs://b/f/", "dew_secret_name": "s"},
        ),
    ],
)
def test_storage(storage, attributes):
    assert storage.attributes() == attributes


@pytest.mark.parametrize(
    ("endpoint", "attributes"),
    [
        (Endpoint.ssh(), {}),
        (Endpoint.ssh(key_pair_names=["a"]), {"key_pair_names": ("a",)}),
        (Endpoint.ssh(key_pair_names=(name for name in "ba")), {"key_pair_names": ("b", "a")}),
        (Endpoint.ssh(allowed_access_ips={"8.8.8.8", "1.1.1.1"}), {"allowed_access_ips": ("1.1.1.1", "8.8.8.8")}),
        (Endpoint.ssh(allowed_access_ips=["1.1.1.1"] * 6), {"allowed_access_ips": ("1.1.1.1",)}),
        (Endpoint.notebook(allowed_access_ips=[]), {"allowed_access_ips": ()}),
    ],
)
def test_endpoint(endpoint, attributes):
    assert endpoint.attributes() == attributes


@pytest.mark.parametrize(
    ("auto_stop", "attributes"),
    [
        (AutoStop.after(hours=4), {"type": "TIMING", "duration": "4h"}),
        (AutoStop.after(hours=1.5), {"type": "TIMING", "duration": "1h30m"}),
        (AutoStop.after(minutes=90), {"type": "TIMING", "duration": "1h30m"}),
        (AutoStop.after(hours=71, minutes=60), {"type": "TIMING", "duration": "72h"}),
        (AutoStop.when_idle(minutes=15.5), {"type": "IDLE", "duration": "15m30s"}),
        (AutoStop.when_idle(hours=72), {"type": "IDLE", "duration": "72h"}),
        (AutoStop.off(), {"enabled": False}),
        (AutoStop(duration="240m"), {"duration": "240m"}),
    ],
)
def test_auto_stop(auto_stop, attributes):
    assert auto_stop.attributes() == attributes


def test_auto_stop_of_tokens(provided, rendered):
    number = cdktf.TerraformVariable(provided, "n", type="number").number_value
    durations = [
        AutoStop.after(hours=number).duration,
        AutoStop.when_idle(hours=number, minutes=number).duration,
        AutoStop.when_idle(hours=2, minutes=number).duration,
        AutoStop(duration=expression("var.d")).duration,
    ]
    assert rendered(provided, *durations) == ["${var.n}h", "${var.n}h${var.n}m", "2h${var.n}m", "${var.d}"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AutoStop.after(minutes=59), "AutoStop: duration must be from 1 to 72 hours (TIMING)"),
        (lambda: AutoStop.after(hours=73), "AutoStop: duration must be from 1 to 72 hours (TIMING)"),
        (
            AutoStop.after,
            "AutoStop: hours is 0 and minutes is 0: must make a whole number of seconds above 0",
        ),
        (
            lambda: AutoStop.when_idle(hours=-1),
            "AutoStop: hours is -1 and minutes is 0: must make a whole number of seconds above 0",
        ),
        (
            lambda: AutoStop.when_idle(hours=0.0001),
            "AutoStop: hours is 0.0001 and minutes is 0: must make a whole number of seconds above 0",
        ),
        (lambda: AutoStop.after(hours="4h"), "AutoStop: hours is of the type str: must be a number"),
        (lambda: AutoStop.after(hours=True), "AutoStop: hours is True: must be a number"),
        (lambda: AutoStop.when_idle(minutes=float("inf")), "AutoStop: minutes is inf: must be a number"),
        (AutoStop, "AutoStop: duration is required, unless AutoStop.off() is meant"),
        (
            lambda: AutoStop(enabled=False, duration="4h"),
            "AutoStop: duration is set, and with enabled = false there is none",
        ),
        (lambda: AutoStop(type="ONCE", duration="4h"), "AutoStop: type is 'ONCE': must be one of TIMING, IDLE"),
        (lambda: Storage.evs(size=4), "Storage: size is 4: must be a whole number from 5 to 4096 (GB)"),
        (lambda: Storage.evs(size=5000), "Storage: size is 5000: must be a whole number from 5 to 4096 (GB)"),
        (lambda: Storage.evs(size=5.5), "Storage: size is 5.5: must be a whole number"),
        (lambda: Storage.evs(size="5"), "Storage: size is '5': must be a whole number"),
        (lambda: Storage.evs(size=True), "Storage: size is True: must be a whole number"),
        (lambda: Storage.efs(uri="x"), "Storage: id is required for an EFS of your own (DEDICATED)"),
        (lambda: Storage.efs(id=UUID), "Storage: uri is required for storage of your own (DEDICATED)"),
        (
            lambda: Storage.obs(uri="", dew_secret_name="s"),
            "Storage: uri is '': has 0 characters and must have 1 to 1024 characters",
        ),
        (
            lambda: Storage.obs(uri="obs://b", dew_secret_name=None),
            "Storage: dew_secret_name is required for OBS: the secret with the access key",
        ),
        (lambda: Storage(category="NFS"), "Storage: category is 'NFS': must be one of EVS, EFS, OBS, OBSFS, SFS"),
        (lambda: Storage(sizes=50), "Storage: sizes is not an argument here"),
        (lambda: Endpoint(service="FTP"), "Endpoint: service is 'FTP': must be one of SSH, NOTEBOOK"),
        (
            lambda: Endpoint.ssh(allowed_access_ips=SIX),
            (
                "Endpoint: allowed_access_ips is ['1.1.1.0', '1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5']: "
                "has 6 elements and must have at most 5"
            ),
        ),
        (
            lambda: Endpoint.ssh(allowed_access_ips=["1.1.1.1", "10.0.0.0/8"]),
            "Endpoint: allowed_access_ips[1] is '10.0.0.0/8': must be an IPv4 address such as 203.0.113.7",
        ),
        (
            lambda: Endpoint.ssh(allowed_access_ips=["1.1.1.256"]),
            "Endpoint: allowed_access_ips[0] is '1.1.1.256': must be an IPv4 address such as 203.0.113.7",
        ),
        (
            lambda: Endpoint.ssh(allowed_access_ips="1.1.1.1"),
            "Endpoint: allowed_access_ips is '1.1.1.1': must be a list, such as ['1.1.1.1']",
        ),
        (
            lambda: Endpoint.ssh(key_pair_names=[""]),
            "Endpoint: key_pair_names[0] is '': has 0 characters and must have 1 to 64 characters",
        ),
        (
            lambda: Hook.encoded_command("pip install x"),
            "Hook: the encoded command must be Base64 text; Hook.command(...) encodes for you",
        ),
        (lambda: Hook.command(""), "Hook: the command must be the text of at least one command"),
        (
            lambda: Hook.command("\ud800"),
            "Hook: the command must be text that UTF-8 can encode (surrogates not allowed)",
        ),
        (lambda: Hook.command("echo", mode="FAST"), "Hook: mode is 'FAST': must be one of ASYNC, BLOCK"),
        (
            lambda: Hook.script("init.sh"),
            "Hook: path must be an absolute path such as /home/ma-user/work/init.sh",
        ),
        (
            lambda: Hook.script("/home/"),
            "Hook: path must be an absolute path such as /home/ma-user/work/init.sh",
        ),
        (
            lambda: Hook.command_file("/no/such/file"),
            "Hook: path is '/no/such/file': must be a file that can be read (No such file or directory)",
        ),
    ],
)
def test_wrong_value_is_an_error_where_it_is_made(make, message):
    with pytest.raises(ConstructError) as raised:
        make()
    assert str(raised.value) == message


def test_values_can_not_be_changed():
    for value in (Storage.evs(), Endpoint.ssh(), Hook.script("/a"), AutoStop.off()):
        with pytest.raises(ValueError, match="frozen"):
            value.mode = "BLOCK"


def test_command_is_encoded():
    command = 'echo "${HOME}" %{x}\n'
    hook = Hook.command(command)
    assert base64.b64decode(hook.attributes()["script"]).decode() == command
    assert Hook.encoded_command(hook.attributes()["script"]) == hook


def test_command_file_is_sent_as_it_is(tmp_path):
    file = tmp_path / "setup.sh"
    content = b"#!/bin/sh\r\necho \xff ${HOME}\n"
    file.write_bytes(content)
    assert base64.b64decode(Hook.command_file(file).attributes()["script"]) == content
    assert Hook.command_file(str(file), mode="BLOCK").attributes()["mode"] == "BLOCK"
    file.write_bytes(b"")
    with pytest.raises(ConstructError, match="it is empty"):
        Hook.command_file(file)


def test_number_token_in_a_command_is_refused(provided):
    number = cdktf.TerraformVariable(provided, "n", type="number").number_value
    with pytest.raises(ConstructError, match=r"write cdktf\.Token\.as_string"):
        Hook.command(f"resize {number}")
