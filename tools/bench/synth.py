"""Measures the synthesis of CDK for Terraform apps as whole Python processes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench import budgets
from tools.bench.figures import Figures, Row, Sample
from tools.bench.workspace import timed
from tools.echo import CannotGoOnError
from tools.layout import VENV_PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.bench.environment import Environment

_APP = Path(__file__).with_name("synth_app.py")


def synth(environment: Environment) -> Iterator[Row]:
    """Yields the rows of syntheses; the floor is an app of as many bare resources with one override each."""
    folder = environment.folder / "synth"
    folder.mkdir()
    for count, what in ((100, "synth, 100 notebooks"), (1000, budgets.SYNTH_1000)):
        for kind in ("notebook", "data"):
            _synthesise(environment, folder, kind, count)  # brings files into the system's cache
        ours, floor = [], []
        for _ in range(environment.runs):
            ours.append(_synthesise(environment, folder, "notebook", count))
            floor.append(_synthesise(environment, folder, "data", count))
        yield Row(
            what,
            "s",
            Figures.of([sample.seconds for sample in ours]),
            floor=Figures.of([sample.seconds for sample in floor]),
            floor_processor=Figures.of([sample.processor for sample in floor]),
            processor=Figures.of([sample.processor for sample in ours]),
        )


def _synthesise(environment: Environment, folder: Path, kind: str, count: int) -> Sample:
    shutil.rmtree(folder / "cdktf.out", ignore_errors=True)
    code, text, sample = timed([str(VENV_PYTHON), str(_APP), kind, str(count)], folder, environment.tools.env)
    if code != 0 or not (folder / "cdktf.out" / "stacks" / "bench" / "cdk.tf.json").is_file():
        raise CannotGoOnError(
            f"an app of {count} could not be synthesised ({code}), so there is nothing to measure:\n{text}"
        )
    return sample
