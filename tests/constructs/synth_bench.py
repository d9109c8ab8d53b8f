"""How long a synth of many notebooks takes, beside a bare hand-written resource of the same content.

Run by hand: ``python tests/constructs/synth_bench.py [NUMBER [ROUNDS]]``. Each figure is a whole process, from start to
exit; the two kinds take turns, so that other load on the machine falls on both.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONTENT = """
import sys
import cdktf

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54100"
NUMBER, FOLDER = int(sys.argv[1]), sys.argv[2]
app = cdktf.App(outdir=FOLDER)
stack = cdktf.TerraformStack(app, "s")
"""
FRIENDLY = (
    CONTENT
    + """
from modelarts_constructs import Endpoint, Hook, ModelartsProvider, Notebook, Storage

ModelartsProvider(stack, region="cn-north-4")
for index in range(NUMBER):
    Notebook(
        stack, f"n{index}", name=f"n{index}", flavor="modelarts.vm.cpu.2u", image_id=IMAGE, description="d",
        storage=Storage.evs(size=50), post_start=Hook.command("pip install pandas"),
        endpoints=[Endpoint.ssh(key_pair_names=["mine"], allowed_access_ips=["8.8.8.8"])],
    )
app.synth()
"""
)
BARE = (
    CONTENT
    + """
META = cdktf.TerraformProviderGeneratorMetadata(provider_name="modelarts", provider_version="0.2.0")


class Resource(cdktf.TerraformResource):
    def __init__(self, scope, id, attributes):
        self._attributes = attributes
        super().__init__(scope, id, terraform_resource_type="modelarts_notebook", terraform_generator_metadata=META)

    def _synthesize_attributes(self):
        return self._attributes


class Provider(cdktf.TerraformProvider):
    def __init__(self, scope, id):
        super().__init__(
            scope, id, terraform_resource_type="modelarts", terraform_provider_source="local/modelarts/modelarts",
            terraform_generator_metadata=META,
        )

    @property
    def alias(self):
        return None

    @alias.setter
    def alias(self, value):
        pass

    def _synthesize_attributes(self):
        return {"region": "cn-north-4"}


Provider(stack, "modelarts")
for index in range(NUMBER):
    Resource(
        stack,
        f"n{index}",
        {
            "name": f"n{index}",
            "flavor": "modelarts.vm.cpu.2u",
            "image_id": IMAGE,
            "description": "d",
            "storage": {"category": "EVS", "size": 50},
            "endpoints": {"SSH": {"key_pair_names": ["mine"], "allowed_access_ips": ["8.8.8.8"]}},
            "hooks": {"post_start": {"type": "COMMAND", "script": "cGlwIGluc3RhbGwgcGFuZGFz"}},
        },
    )
app.synth()
"""
)


def one(program: str, number: int, folder: str) -> tuple[float, float, dict[str, object]]:
    """Seconds on the clock and of the processors (Node's included), and the resources that were written."""
    environment = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, str(number), folder], check=True, env=environment)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    document = json.loads((Path(folder) / "stacks" / "s" / "cdk.tf.json").read_text())
    resources = document["resource"]["modelarts_notebook"]
    for each in resources.values():
        each.pop("//", None)
    return wall, cpu, resources


def main(number: int = 1000, rounds: int = 5) -> None:
    """Print the figures."""
    figures: dict[str, list[tuple[float, float]]] = {"bare": [], "Notebook": []}
    with tempfile.TemporaryDirectory() as folder:
        one(BARE, 1, folder)  # the library unpacks itself once
        for _ in range(rounds):
            *bare, expected = one(BARE, number, folder)
            *friendly, found = one(FRIENDLY, number, folder)
            assert found == expected, "the two programs write different resources"
            figures["bare"].append(tuple(bare))
            figures["Notebook"].append(tuple(friendly))
    for kind, index in (("wall", 0), ("processor", 1)):
        bare, friendly = ([pair[index] for pair in figures[name]] for name in ("bare", "Notebook"))
        ratios = [f / b for f, b in zip(friendly, bare, strict=True)]
        print(
            f"{number} notebooks, {kind} s (min / median of {rounds}): bare {min(bare):.2f} / {statistics.median(bare):.2f}, "
            f"Notebook {min(friendly):.2f} / {statistics.median(friendly):.2f}, "
            f"ratio of minima {min(friendly) / min(bare):.2f}, median ratio {statistics.median(ratios):.2f}"
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
