"""Starts the emulator of the API and asks what reached it."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.demo.failure import DemoError
from tools.layout import VENV

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.demo.workspace import Workspace

HOST = "127.0.0.1"
# What the emulator accepts unless it is told otherwise.
ACCOUNT: Mapping[str, str] = {
    "HW_ACCESS_KEY": "emulator-access-key",
    "HW_SECRET_KEY": "emulator-secret-key",
    "HW_REGION_NAME": "cn-north-4",
    "HW_PROJECT_ID": "0123456789abcdef0123456789abcdef",
}
_READY_SECONDS = 30.0
_PAUSE = 0.05


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Attributes:
        url: Its address.
        process: Its process id.
    """

    url: str
    process: int

    @property
    def provider_settings(self) -> dict[str, str]:
        """The environment that points the provider to it."""
        return {**ACCOUNT, "HW_ENDPOINT_MODELARTS": self.url, "HW_ENDPOINT_IAM": self.url}

    def ask(self, path: str) -> Any:
        """Returns the answer to a question about what is behind the API.

        Args:
            path: What follows `/_emulator`.

        Raises:
            DemoError: the emulator does not answer.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/_emulator{path}", timeout=30) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise DemoError(f"the emulator at {self.url} does not answer: {error}") from error

    def notebooks(self) -> dict[str, dict[str, Any]]:
        """Returns the instances that exist, by id."""
        found = self.ask("/notebooks")["notebooks"]
        return {notebook["id"]: notebook for notebook in found if notebook["status"] != "DELETED"}

    def notebook(self, ident: str) -> dict[str, Any]:
        """Returns one instance with what the API hides, such as its hooks."""
        found: dict[str, Any] = self.ask(f"/notebooks/{ident}")
        return found

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Returns the calls that reached the API, oldest first, from the one of that index on."""
        return [call for call in self.ask("/requests")["requests"] if call["index"] >= since]


def start(workspace: Workspace, port: int, env: Mapping[str, str]) -> Emulator:
    """Starts the emulator and waits until it answers.

    Args:
        workspace: The demo's folder; the emulator keeps its lock.
        port: The port to listen on, 0 for a free one.
        env: The environment to start it with.

    Raises:
        DemoError: the port is taken, or it did not start, in its own words.
    """
    _check_free(port)
    log, port_file = workspace.root / "emulator.log", workspace.root / "emulator.port"
    command = [str(VENV / "bin" / "modelarts-emulator"), "serve", "--host", HOST, "--port", str(port)]
    # Transitions take a hundredth of their time; leases run as they do in the cloud.
    command += ["--port-file", str(port_file), "--time-scale", "0.01", "--lease-scale", "1", "--rules", "documented"]
    try:
        with log.open("wb") as output:
            child = workspace.children.start(
                command, env, workspace.root, stdout=output, stderr=subprocess.STDOUT, pass_fds=[workspace.lock]
            )
    except OSError as error:
        raise DemoError(f"{command[0]} cannot be started ({error.strerror}): run `make setup`.") from error
    return Emulator(f"http://{HOST}:{_ready_port(child, port_file, log)}", child.pid)


def _check_free(port: int) -> None:
    if port == 0:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DemoError(
                f"port {port} cannot be used ({error.strerror}): choose another with PORT=, or leave PORT out for a free one."
            ) from error


def _ready_port(child: subprocess.Popen[bytes], port_file: Path, log: Path) -> int:
    until = time.monotonic() + _READY_SECONDS
    while child.poll() is None and time.monotonic() < until:
        text = port_file.read_text().strip() if port_file.exists() else ""
        if text:
            return int(text)
        time.sleep(_PAUSE)
    words = log.read_text(errors="replace").strip() or "it said nothing"
    raise DemoError(f"the emulator did not start: {words}")
