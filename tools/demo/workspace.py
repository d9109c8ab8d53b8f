"""The demo's folder: one demo at a time in it, everything that a run writes, and nothing from the caller's shell."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.demo.children import RUN_VARIABLE, Children
from tools.demo.failure import DemoError
from tools.guard import start_guard
from tools.layout import ROOT, VENV

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Set for the demo's own commands, over a cleaned environment (`tools.within`).
_SETTINGS: Mapping[str, str] = {
    "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",  # cdktf would link our provider into the person's plugin cache
    "CDKTF_SKIP_PROVIDER_LOCK": "true",  # this step asks a registry for a provider that is only here
    "CHECKPOINT_DISABLE": "1",
    "CI": "true",  # cdktf prints plain lines instead of repainting the terminal
    "NO_COLOR": "1",
    "FORCE_COLOR": "0",
}
# Of these, what a person's own shell needs to go on by hand.
_FOR_A_SHELL = ("CDKTF_", "CHECKPOINT_", "HW_", "JSII_", "NOTEBOOKS", "NO_PROXY", "TERRAFORM_", "TF_CLI_", "no_proxy")
# The shell's own account must not be mixed with the emulator's.
_FORGET = (
    r"for name in $(env | sed -n -e 's/^\(HW_[A-Z_]*\)=.*/\1/p' -e 's/^\(HUAWEICLOUD_[A-Z_]*\)=.*/\1/p'); do "
    'unset "$name"; done'
)


@dataclass(frozen=True)
class Workspace:
    """The folder of one run.

    Attributes:
        root: The folder; removed and made anew by the next run.
        temporary: A folder for sockets and other short-lived files; short, since a socket's path may have 107 bytes.
        children: The programs of this run.
        lock: The descriptor that holds other demos off; who inherits it keeps on doing so.
    """

    root: Path
    temporary: Path
    children: Children
    lock: int

    @property
    def work(self) -> Path:
        """Where cdktf or Terraform runs, with its state."""
        return self.root / "work"

    @property
    def configuration(self) -> Path:
        """Which notebooks there are: Terraform reads it by its name, the cdktf example by the variable NOTEBOOKS."""
        return self.work / "notebooks.auto.tfvars.json"

    @property
    def mirror(self) -> Path:
        """Where the provider is installed."""
        return self.root / "mirror"

    @property
    def terraform_rc(self) -> Path:
        """The Terraform CLI configuration that points to the mirror."""
        return self.root / "terraform.rc"

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Returns the environment for the run's commands.

        Args:
            more: The provider's settings and what a driver needs.
        """
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        own = {
            "HOME": str(home),
            "NOTEBOOKS": str(self.configuration),
            "TF_CLI_CONFIG_FILE": str(self.terraform_rc),
            "TMPDIR": str(self.temporary),
        }
        return {**os.environ, **_SETTINGS, **own, **more}

    def belongs_to(self, process: int) -> None:
        """Writes down who holds the lock, for the message to the next one."""
        (self.root / "lock").write_text(f"{process}\n")

    def install_provider(self, env: Mapping[str, str]) -> None:
        """Installs the provider into the mirror, as a user does.

        Args:
            env: The environment for the command.

        Raises:
            DemoError: it could not be installed, in the command's own words.
        """
        program = VENV / "bin" / "terraform-provider-modelarts"
        lines: list[str] = []
        try:
            code, text = self.children.follow(
                [str(program), "install", "--dir", str(self.mirror), "--print-config"], env, ROOT, lines.append, 60
            )
        except OSError as error:
            raise DemoError(f"{program} cannot be started ({error.strerror}): run `make setup`.") from error
        if code != 0:
            raise DemoError(f"the provider could not be installed: {text}")
        self.terraform_rc.write_text(text + "\n")

    def write_shell_settings(self, env: Mapping[str, str]) -> Path:
        """Writes the run's settings as a file that a person's shell can read, and returns it.

        Args:
            env: The environment of the run's commands.
        """
        file = self.root / "env.sh"
        ours = [f"export {name}={shlex.quote(env[name])}" for name in sorted(env) if name.startswith(_FOR_A_SHELL)]
        path = os.pathsep.join(env["PATH"].split(os.pathsep)[:3])  # the project's own folders, see tools.within
        file.write_text("\n".join([_FORGET, *ours, f'export PATH={shlex.quote(path)}:"$PATH"', ""]))
        return file


@contextmanager
def claimed(root: Path) -> Iterator[Workspace]:
    """Makes the folder anew and holds other demos off while the block runs, and longer where an emulator is kept.

    Args:
        root: The demo's folder.

    Raises:
        DemoError: another demo runs in it, or it can't be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DemoError(f"{error.filename} cannot be written ({error.strerror}): check who owns it.") from error
    try:
        _hold(lock, root)
        for leftover in [entry for entry in root.iterdir() if entry.name != "lock"]:
            shutil.rmtree(leftover) if leftover.is_dir() and not leftover.is_symlink() else leftover.unlink()
        children = Children(uuid.uuid4().hex)
        temporary = Path(tempfile.gettempdir()) / f"modelarts-demo-{children.run[:12]}"
        # The guard comes before there is anything to clean up.
        guard = start_guard(f"{RUN_VARIABLE}={children.run}", temporary, pass_fds=[lock])
        temporary.mkdir(mode=0o700)
        workspace = Workspace(root, temporary, children, lock)
        workspace.work.mkdir()
        workspace.belongs_to(os.getpid())
        try:
            yield workspace
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            guard.communicate(b"done")
    finally:
        os.close(lock)


def _hold(lock: int, root: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = (root / "lock").read_text().strip() or "unknown"
        raise DemoError(
            f"another demo, or an emulator that one kept, is running here (process {owner}): wait for it, or end it with `kill {owner}`."
        ) from None
