"""Which Node and which Terraform will do, over what machines have."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.toolchain import Candidate, choose_node, choose_terraform, describe, node_version, terraform_version


def found(name: str, *versions: tuple[int, int, int] | None) -> list[Candidate]:
    return [Candidate(Path(f"/opt/{index}/{name}"), name, version) for index, version in enumerate(versions)]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v22.20.0\n", (22, 20, 0)),
        ("v20.0.0", (20, 0, 0)),
        ("v24.1.0-nightly2026", (24, 1, 0)),
        ("node: cannot execute: required file not found", None),
        ("", None),
        ("20.1.0", None),
    ],
)
def test_node_says_its_version(text, version):
    assert node_version(text) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Terraform v1.11.4\non linux_amd64\n", (1, 11, 4)),
        ("OpenTofu v1.9.0\non linux_amd64", (1, 9, 0)),
        ("There are some problems with the CLI configuration:\n\nTerraform v1.8.5\non linux_amd64", (1, 8, 5)),
        ("Terraform v1.16.0-beta1", (1, 16, 0)),
        ("version file names a version that is not installed", None),
        ("Your version of Terraform is out of date! v9.9.9", None),
    ],
)
def test_terraform_says_its_version(text, version):
    assert terraform_version(text) == version


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        ([], None),
        ([(20, 20, 2)], 0),
        ([(22, 1, 0)], 0),
        ([(24, 1, 0)], None),
        ([(18, 0, 0)], None),
        ([(21, 0, 0)], None),
        ([(23, 0, 0)], None),
        ([None], None),
        ([(24, 1, 0), (22, 1, 0)], 1),
        ([None, (20, 1, 0), (22, 1, 0)], 1),
    ],
)
def test_node_20_or_22_the_first_on_path(versions, chosen):
    candidates = found("node", *versions)
    assert choose_node(candidates) == (None if chosen is None else candidates[chosen])


@pytest.mark.parametrize(
    ("terraforms", "tofus", "chosen"),
    [
        ([], [], None),
        ([(1, 8, 0)], [], ("terraform", 0)),
        ([(1, 7, 5)], [], None),
        ([(0, 15, 5)], [(1, 6, 2)], None),
        ([None], [(1, 8, 1)], ("tofu", 0)),
        ([(1, 7, 0), (1, 11, 4)], [], ("terraform", 1)),
        ([(1, 15, 0)], [(1, 10, 0)], ("terraform", 0)),
        ([], [(1, 10, 0)], ("tofu", 0)),
        ([(2, 0, 0)], [], ("terraform", 0)),
    ],
)
def test_terraform_1_8_or_newer_then_opentofu(terraforms, tofus, chosen):
    candidates = [*found("terraform", *terraforms), *found("tofu", *tofus)]
    expected = next((one for one in candidates if chosen == (one.name, int(one.path.parts[2]))), None)
    assert choose_terraform(candidates) == expected
    assert (expected is None) == (chosen is None)


def test_what_was_found_is_said_in_full():
    assert describe([]) == "none"
    assert describe(found("node", (24, 1, 0), None)) == "/opt/0/node 24.1.0, /opt/1/node (does not start)"
