"""The demo itself, through the real cdktf and the real Terraform, and what it leaves behind when it is ended."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tools.demo import configuration, scenario
from tools.demo.children import RUN_VARIABLE
from tools.demo.emulator import Emulator
from tools.demo.failure import DemoError

ROOT = Path(__file__).resolve().parent.parent.parent
# Longer than any of this takes on a busy machine; only a test that fails waits so long.
PATIENCE = 240.0

pytestmark = pytest.mark.acceptance


def demo(folder, *arguments, **options):
    """Starts the demo as `make demo` does, in a folder of its own."""
    command = [
        sys.executable,
        "-m",
        "tools.within",
        sys.executable,
        "-m",
        "tools.demo",
        "--dir",
        str(folder),
        *arguments,
    ]
    env = {
        **os.environ,
        "TMPDIR": str(folder.parent / "tmp"),
        "HW_ACCESS_KEY": "somebody-elses",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    Path(env["TMPDIR"]).mkdir(exist_ok=True)
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


def finished(process):
    text, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, text


def processes_of(folder):
    """Returns the living processes whose environment names the demo's folder, as those that it starts do."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                environment = (entry / "environ").read_bytes()
                if RUN_VARIABLE.encode() in environment and str(folder).encode() in environment:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
    return found


def wait_until(condition):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.1)


def test_plain_terraform_runs_the_same_scenario(tmp_path):
    code, text = finished(demo(tmp_path / "demo", "--with", "hcl"))
    assert code == 0, text
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in text
    assert 'modelarts_notebook.this["training"] will be updated in-place' in text
    assert "Nothing is left in the account." in text
    assert processes_of(tmp_path) == {}
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The demo through cdktf, whose emulator is kept: what it printed, and the emulator."""
    folder = tmp_path_factory.mktemp("kept") / "demo"
    code, text = finished(demo(folder, "--keep"))
    try:
        assert code == 0, text
        found = re.search(r"stays up at (http://127\.0\.0\.1:\d+) with", text)
        assert found, text
        emulator = Emulator(found[1], int((folder / "lock").read_text()))
        yield folder, text, emulator
    finally:
        for process in processes_of(folder):
            os.kill(process, signal.SIGTERM)
        wait_until(lambda: not processes_of(folder))


@pytest.mark.cdk
def test_cdktf_updates_one_notebook_in_place(kept):
    _, text, emulator = kept
    assert "# modelarts_notebook.training (training) will be updated in-place" in text
    assert "DIFFERENT" not in text
    line = re.search(r"PUT +/notebooks/\{training\} +200  (.*)", text)
    assert line
    assert sorted(line[1].split(", ")) == [
        "description",
        "endpoints",
        "flavor",
        "hooks",
        "image_id",
        "name",
        "storage_new_size",
    ]
    assert len(emulator.notebooks()) == 2


def test_only_the_emulator_is_left(kept):
    folder, _, emulator = kept
    assert list(processes_of(folder)) == [emulator.process]
    assert list((folder.parent / "tmp").iterdir()) == []


def test_a_second_demo_is_told_about_the_first(kept):
    folder, _, emulator = kept
    code, text = finished(demo(folder))
    assert code == 1
    assert f"end it with `kill {emulator.process}`" in text
    assert "Traceback" not in text
    assert len(emulator.notebooks()) == 2


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": "training"}),
        ("description", {"description": ""}),
        ("flavor", {"flavor": "modelarts.vm.cpu.2u"}),
        ("image", {"image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090"}),
        ("SSH key pairs", {"endpoints": []}),
        ("hook before start", {"hooks": None}),
        ("storage, GB", {"capacity": 20}),
    ],
)
def test_the_comparison_fails_when_the_api_lost_a_field(kept, field, change):
    _, _, emulator = kept
    after = configuration.read(scenario.AFTER)
    ident = next(ident for ident, instance in emulator.notebooks().items() if instance["name"] == "training-large")
    wanted, idents = {scenario.CHANGED: after[scenario.CHANGED]}, {scenario.CHANGED: ident}
    scenario.compare_all(wanted, idents, emulator)
    before = emulator.notebook(ident)["behind"]
    patch(emulator, ident, change)
    try:
        with pytest.raises(DemoError, match=f": {field} is "):
            scenario.compare_all(wanted, idents, emulator)
    finally:
        patch(emulator, ident, restored(before, change))
    scenario.compare_all(wanted, idents, emulator)


def restored(behind, change):
    values = {"capacity": behind["volume"]["capacity"], "hooks": {"container_hooks": behind["hooks"]}}
    return {name: values.get(name, behind.get(name)) for name in change}


def patch(emulator, ident, change):
    request = urllib.request.Request(
        f"{emulator.url}/_emulator/notebooks/{ident}",
        json.dumps(change).encode(),
        {"Content-Type": "application/json"},
        method="PATCH",
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        answer.read()


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_port_that_is_taken_is_one_sentence(tmp_path, taken_port):
    code, text = finished(demo(tmp_path / "demo", "--port", str(taken_port)))
    assert code == 1
    assert f"demo: port {taken_port} cannot be used (Address already in use): choose another with PORT=" in text
    assert "Traceback" not in text
    assert processes_of(tmp_path) == {}


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path, taken_port, number, expected):
    process = demo(tmp_path / "demo", "--with", "hcl")
    try:
        for line in process.stdout:
            if "Creating..." in line:  # Terraform and the provider are in the middle of it
                break
        assert len(processes_of(tmp_path)) >= 3, "the emulator, Terraform and the provider were expected"
        process.send_signal(number)
        code, text = finished(process)
        assert code == expected, text
        assert "Traceback" not in text
        wait_until(lambda: not processes_of(tmp_path))
        wait_until(lambda: not list((tmp_path / "tmp").iterdir()))
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
    code, text = finished(demo(tmp_path / "demo", "--port", str(taken_port)))  # nobody holds the folder any more
    assert "another demo" not in text
    assert "cannot be used" in text
