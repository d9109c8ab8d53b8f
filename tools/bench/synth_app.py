"""An app of many notebooks, or of as many of the floor's resources. Usage: `synth_app.py notebook|data COUNT`."""

from __future__ import annotations

import sys

import cdktf

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54090"


def main(kind: str, count: int) -> None:
    """Synthesises one stack, named bench, into `cdktf.out` of the current folder."""
    app = cdktf.App()
    stack = cdktf.TerraformStack(app, "bench")
    add = _notebooks if kind == "notebook" else _data
    add(stack, count)
    app.synth()


def _notebooks(stack: cdktf.TerraformStack, count: int) -> None:
    from modelarts_constructs import Endpoint, ModelartsProvider, Notebook, Storage  # noqa: PLC0415 - not in the floor

    ModelartsProvider(stack, region="cn-north-4")
    for index in range(count):
        Notebook(
            stack,
            f"n{index}",
            name=f"n{index}",
            flavor="modelarts.vm.cpu.2u",
            image_id=IMAGE,
            storage=Storage.evs(size=50),
            endpoints=[Endpoint.ssh(key_pair_names=["team"], allowed_access_ips=["203.0.113.7"])],
        )


def _data(stack: cdktf.TerraformStack, count: int) -> None:
    for index in range(count):
        plain = cdktf.TerraformResource(stack, f"n{index}", terraform_resource_type="terraform_data")
        plain.add_override("input", {"flavor": "modelarts.vm.cpu.2u", "image_id": IMAGE, "size": 50})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
