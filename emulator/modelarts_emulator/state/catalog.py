"""The catalog that an emulator starts with. Ids are fixed, so that examples and tests can name them.

Flavor ids are ones that public documents use as examples; which image fits which flavor follows from architecture
and resource category.
"""

from __future__ import annotations

from modelarts_emulator.state.entities import Flavor, Image, Pool

GIB = 1024 * 1024
CATALOG_MOMENT = 1_700_000_000_000

IMAGE_CPU = "e1a07296-22a8-4f05-8bc8-e936c8e54090"
IMAGE_CPU_NEWER = "278e88d1-5b71-4766-8502-b3ba72e824d9"
IMAGE_GPU = "59a6e9f5-93c0-44dd-85b0-82f390c5d53a"
IMAGE_SSH_ONLY = "b6b1a4a0-0c5d-4d2b-9c0e-5a0d3f7e2a11"
IMAGE_ARM = "c5e35b1e-7d1f-4b7a-8a53-1f0f5d7d3e22"
IMAGE_ASCEND = "d7a0c2f4-3b9e-4f51-9d0a-6c8b7e1f4d33"

FLAVORS = (
    Flavor("modelarts.vm.cpu.2u", "CPU: 2 vCPUs 8 GB", "x86_64", "CPU", 2, 8 * GIB),
    Flavor("modelarts.vm.cpu.8u", "CPU: 8 vCPUs 32 GB", "x86_64", "CPU", 8, 32 * GIB),
    Flavor(
        "modelarts.vm.gpu.t4u8",
        "GPU: 1*T4(16GB)|CPU: 8 vCPUs 32 GB",
        "x86_64",
        "GPU",
        8,
        32 * GIB,
        gpu={"gpu": 1, "gpu_memory": "16GB", "type": "T4"},
    ),
    Flavor(
        "modelarts.bm.gpu.v100NV32",
        "GPU: 1*V100NV(32GB)|CPU: 8 vCPUs 64 GB",
        "x86_64",
        "GPU",
        8,
        64 * GIB,
        sold_out=True,
        gpu={"gpu": 1, "gpu_memory": "32GB", "type": "V100NV"},
    ),
    Flavor(
        "modelarts.bm.d910.xlarge.1",
        "Ascend: 1*D910|CPU: 24 vCPUs 96 GB",
        "aarch64",
        "ASCEND",
        24,
        96 * GIB,
        ascend={"npu": 1, "npu_memory": "32GB", "type": "D910", "chip": 1},
    ),
    Flavor("modelarts.vm.arm.cpu.8u", "CPU: 8 vCPUs 32 GB (Arm)", "aarch64", "CPU", 8, 32 * GIB),
    Flavor(
        "modelarts.vm.cpu.free", "CPU: 2 vCPUs 8 GB (free)", "x86_64", "CPU", 2, 8 * GIB, feature="DEFAULT", free=True
    ),
    Flavor("modelarts.pool.cpu.16u", "CPU: 16 vCPUs 64 GB", "x86_64", "CPU", 16, 64 * GIB, dedicated_only=True),
)

POOLS = (Pool("pool-emulator-0001", "emulator-pool", ("modelarts.vm.cpu.8u", "modelarts.pool.cpu.16u")),)

WORKSPACES = ("0", "abcdef0123456789abcdef0123456789")


def _image(
    image_id: str, name: str, tag: str, *, arch: str, fits: list[str], services: list[str], description: str
) -> Image:
    return Image(
        id=image_id,
        name=name,
        tag=tag,
        swr_path=f"swr.emulator.invalid/atelier/{name}:{tag}",
        type="BUILD_IN",
        arch=arch,
        resource_categories=fits,
        dev_services=services,
        create_at=CATALOG_MOMENT,
        update_at=CATALOG_MOMENT,
        description=description,
        show_name=name.replace("_", " "),
        show_tag=tag,
    )


def default_images() -> list[Image]:
    """Fresh copies of the built-in images."""
    both = ["NOTEBOOK", "SSH"]
    x86, arm = "x86_64", "aarch64"
    cpu, any_x86, ascend = ["CPU"], ["CPU", "GPU"], ["ASCEND"]
    rows = (
        (IMAGE_CPU, "notebook2.0-mul-kernel-cpu-cp36", "3.3.2-release_v1", x86, cpu, both, "CPU kernels"),
        (IMAGE_CPU_NEWER, "pytorch2.1-cpu-py310", "4.0.1", x86, cpu, both, "PyTorch without a GPU"),
        (IMAGE_GPU, "pytorch2.1-cuda12.1-py310", "4.0.1", x86, any_x86, both, "PyTorch with CUDA"),
        (IMAGE_SSH_ONLY, "remote-dev-cpu", "1.2.0", x86, any_x86, ["SSH"], "Remote IDE only"),
        (IMAGE_ARM, "mindspore-arm-py39", "2.2.0", arm, cpu, both, "MindSpore on Arm"),
        (IMAGE_ASCEND, "mindspore-ascend-py39", "2.2.0", arm, ascend, both, "MindSpore on Ascend"),
    )
    return [
        _image(ident, name, tag, arch=arch, fits=list(fits), services=list(services), description=description)
        for ident, name, tag, arch, fits, services, description in rows
    ]
