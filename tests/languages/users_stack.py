"""A user's project: everything that the constructs offer, as strict type checkers see it from outside."""

from __future__ import annotations

from typing import assert_type

import cdktf
from constructs import Construct

from modelarts_constructs import (
    AutoStop,
    ConstructError,
    Endpoint,
    Hook,
    INotebook,
    ModelartsProvider,
    Notebook,
    Storage,
    expression,
)
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_constructs.testing import ABSENT, Template, scratch_app

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54100"


class Team(cdktf.TerraformStack):
    def __init__(self, scope: Construct, name: str, members: list[str]) -> None:
        super().__init__(scope, name)
        flavor = cdktf.TerraformVariable(self, "flavor", type="string", default="modelarts.vm.cpu.2u")
        west = ModelartsProvider(self, "west", alias="west", region="cn-west-1", default_tags={"CostCenter": "42"})
        ModelartsProvider(self, ignore_tags={"keys": ["a"], "key_prefixes": ("b",)}, allow_stopping_for_update=True)
        for member in members:
            notebook = Notebook(
                self,
                member,
                name=f"nb-{member}",
                flavor=flavor.string_value,
                image_id=IMAGE,
                storage=Storage.evs(size=50),
                description=None,
                endpoints=[Endpoint.ssh(key_pair_names=["mine"], allowed_access_ips={"8.8.8.8"}), Endpoint.notebook()],
                pre_start=Hook.command("pip install pandas", mode="BLOCK"),
                auto_stop=AutoStop.after(hours=4),
                desired_status="RUNNING",
                allow_stopping_for_update=False,
                deletion_protection=True,
                adopt_existing=False,
                tags={"team": name},
                region=expression("var.region"),
                timeouts={"create": "1h"},
                provider=west,
                lifecycle={"prevent_destroy": True},
            )
            notebook.allow_ssh(from_ips=["1.1.1.1"], key_pair="yours")
            notebook.on_start(Hook.script("/home/ma-user/work/init.sh"))
            notebook.add_tag("a", "b")
            self.show(notebook, member)

    def show(self, notebook: Notebook, member: str) -> None:
        assert_type(notebook.url, str)
        assert_type(notebook.storage.size, float)
        assert_type(notebook.endpoints["SSH"].uri, str)
        assert_type(notebook.tags_all, dict[str, str])
        assert_type(notebook.action_progress[0].step, float)
        assert_type(notebook.interrupted_update, cdktf.IResolvable)
        cdktf.TerraformOutput(self, f"{member}_url", value=notebook.url)
        copies = NotebookResource(
            self,
            f"{member}_copy",
            name=notebook.name,
            flavor=notebook.flavor,
            image_id=notebook.image_id,
            storage=notebook.storage,
            endpoints={"SSH": {"key_pair_names": ["mine"]}},
            auto_stop={"enabled": False},
            hooks=notebook.hooks,
            count=2,
        )
        assert_type(copies.each("url"), list[str])


def watch(notebook: INotebook) -> str:
    return notebook.notebook_id


def use(stack: Team, made: Notebook) -> None:
    watch(made)
    watch(Notebook.from_notebook_id(stack, "there", IMAGE))
    assert_type(Notebook.generate_config_for_import(stack, "old", "from-the-console"), cdktf.ImportableResource)
    template = Template.synth(stack)
    assert_type(template.has_notebook("a", name="nb", pool_id=ABSENT), str)
    assert template.to_plan("http://127.0.0.1:8080")["resource_changes"]
    try:
        AutoStop.when_idle(hours=0)
    except ConstructError as error:
        assert_type(error, ConstructError)


def test() -> None:
    use(Team(scratch_app(), "team", ["ann"]), Special(Team(scratch_app(), "team", []), "special"))


class Special(Notebook):
    """A platform team's own notebook."""

    def __init__(self, scope: Construct, key: str) -> None:
        super().__init__(scope, key, name=key, flavor="f", image_id=IMAGE, storage=Storage.efs())
        self.stop_when_idle(hours=2)


def wrong(stack: Team) -> None:
    Notebook(stack, "a", name="a", flavor="f", image_id=IMAGE)  # type: ignore[call-arg]  # WRONG: storage
    Notebook(stack, "b", name=5, flavor="f", image_id=IMAGE, storage=Storage.evs())  # type: ignore[arg-type]  # WRONG
    Notebook(stack, "c", name="c", flavor="f", image_id=IMAGE, storage={"size": 5})  # type: ignore[arg-type]  # WRONG
    Notebook(stack, "d", name="d", flavr="f", image_id=IMAGE, storage=Storage.evs())  # type: ignore[call-arg]  # WRONG
    Storage.evs(size="5")  # type: ignore[arg-type]  # WRONG
    Endpoint.ssh(["mine"])  # type: ignore[call-arg]  # WRONG
