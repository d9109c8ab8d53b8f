"""The schema of ``modelarts_notebook``: what a user writes. What the API reports is in ``reported``."""

from __future__ import annotations

from typing import Final

from modelarts_provider.framework.schema.attributes import (
    LOCAL,
    REPLACE,
    Attribute,
    Nested,
    Nesting,
    OnPlan,
    Schema,
    in_place,
)
from modelarts_provider.framework.schema.types import BOOL, NUMBER, STRING, SetOf
from modelarts_provider.framework.schema.validators import (
    AtMost,
    Each,
    IPv4,
    Keys,
    Length,
    Matches,
    OneOf,
    PublicIPv4,
    Without,
)
from modelarts_provider.resources.common.setting_rules import PROJECT_ID, REGION
from modelarts_provider.resources.common.tags import TAGS, TAGS_ALL
from modelarts_provider.resources.common.timeouts import timeouts_attribute
from modelarts_provider.resources.notebook.schema.auto_stop import AUTO_STOP
from modelarts_provider.resources.notebook.schema.hooks import HookScript
from modelarts_provider.resources.notebook.schema.reported import REPORTED
from modelarts_provider.resources.notebook.schema.storage import EVS_LEAST_GB, EVS_MOST_GB, StorageRules

SERVICES: Final = ("SSH", "NOTEBOOK")
DEFAULT_TIMEOUTS: Final = {"create": "30m", "read": "2m", "update": "30m", "delete": "20m"}

UUID: Final = Matches(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "be a UUID such as e1a07296-22a8-4f05-8bc8-e936c8e54100",
)

PUBLIC_ONLY: Final = (
    "The page of the API says that only public addresses can connect: the service may refuse this one, or let nobody in "
    "from it"
)


def same_id(one: str, other: str) -> bool:
    """Whether two spellings are one id: case doesn't matter in its hexadecimal digits."""
    return one.lower() == other.lower()


ENDPOINT: Final = {
    "key_pair_names": Attribute(
        type=SetOf(STRING),
        description="Names of the key pairs that may log in through SSH.",
        optional=True,
        change=in_place("key_pair_names"),
        validators=(Each(Length(1, 64)),),
    ),
    "allowed_access_ips": Attribute(
        type=SetOf(STRING),
        description="Public IPv4 addresses that may connect; at most five. Without any, every public address may.",
        optional=True,
        change=in_place("allowed_access_ips"),
        validators=(AtMost(5), Each(IPv4())),
        advice=(Each(PublicIPv4(PUBLIC_ONLY)),),
    ),
    "uri": Attribute(
        type=STRING,
        description="Address of the service, as the API reports it.",
        computed=True,
        on_plan=OnPlan.STABLE,
    ),
}

HOOK: Final = {
    "type": Attribute(
        type=STRING,
        description="`SCRIPT`: `script` is the absolute path of a script; `COMMAND`: `script` is Base64 text.",
        optional=True,
        computed=True,
        default="SCRIPT",
        change=in_place("hooks"),
        validators=(OneOf(("SCRIPT", "COMMAND")),),
    ),
    "script": Attribute(
        type=STRING,
        description="What to run: an absolute path (`SCRIPT`) or a Base64 encoded command (`COMMAND`).",
        required=True,
        change=in_place("hooks"),
    ),
    "mode": Attribute(
        type=STRING,
        description="`BLOCK` waits for the script, `ASYNC` doesn't. Sent only when set: only the newest API knows it.",
        optional=True,
        change=in_place("hooks"),
        validators=(OneOf(("ASYNC", "BLOCK")),),
    ),
}


def _hook(when: str) -> Attribute:
    return Attribute(
        type=Nested(Nesting.SINGLE, HOOK),
        description=f"The script to run {when} the service starts.",
        optional=True,
        change=in_place("hooks"),
        validators=(HookScript(),),
    )


STORAGE: Final = {
    "category": Attribute(
        type=STRING,
        description=(
            "Kind of storage: `EVS` (a disk), `EFS` (SFS Turbo), `OBS` or `OBSFS` (parallel file system). `SFS` is what old "
            "instances have: they can be imported, and no new one can be created with it."
        ),
        optional=True,
        computed=True,
        default="EVS",
        change=REPLACE,
        equivalent=lambda one, other: {one, other} <= {"OBS", "OBSFS"},
        validators=(OneOf(("EVS", "EFS", "OBS", "OBSFS", "SFS")),),
    ),
    "ownership": Attribute(
        type=STRING,
        description="`MANAGED`: the service's own; `DEDICATED`: yours, named by `uri` and `id`.",
        optional=True,
        computed=True,
        default="MANAGED",
        change=REPLACE,
        validators=(OneOf(("MANAGED", "DEDICATED")),),
    ),
    "size": Attribute(
        type=NUMBER,
        description=(
            f"Size of the disk in GB, {EVS_LEAST_GB} to {EVS_MOST_GB} (only `EVS` can be given one). Grows in place; a "
            "smaller value is an error at plan time. Unset: the service's choice at create, and whatever is there later."
        ),
        optional=True,
        computed=True,
        on_plan=OnPlan.STABLE,
        change=in_place("storage_size"),
    ),
    "uri": Attribute(
        type=STRING,
        description="Address of your own storage (`DEDICATED`), such as `obs://bucket/folder/`.",
        optional=True,
        change=REPLACE,
        validators=(Length(1, 1024),),
    ),
    "id": Attribute(
        type=STRING,
        description="Id of your own SFS Turbo file system (`EFS`, `DEDICATED`).",
        optional=True,
        change=REPLACE,
        validators=(UUID,),
        equivalent=same_id,
    ),
    "dew_secret_name": Attribute(
        type=STRING,
        description="Name of the secret that holds the access key for OBS storage.",
        optional=True,
        change=REPLACE,
        validators=(Length(1, 64),),
    ),
    "mount_path": Attribute(
        type=STRING, description="Where the storage is mounted.", computed=True, on_plan=OnPlan.STABLE
    ),
    "status": Attribute(
        type=STRING,
        description="Status of the storage; `RESIZING` while a disk grows, which doesn't affect the instance.",
        computed=True,
        on_plan=OnPlan.STABLE,
    ),
}


ATTRIBUTES: Final = {
    "name": Attribute(
        type=STRING,
        description="Name of the instance: 1 to 128 letters, digits, hyphens and underscores. Names may repeat.",
        required=True,
        change=in_place("name"),
        new_value_validators=(
            Length(1, 128),
            Matches(r"[A-Za-z0-9_-]*", "consist of letters, digits, hyphens and underscores"),
        ),
    ),
    "description": Attribute(
        type=STRING,
        description="Description, at most 512 characters, none of `& < > \" ' /`. An empty one clears it.",
        optional=True,
        change=in_place("description"),
        new_value_validators=(Length(0, 512), Without("&<>\"'/")),
    ),
    "flavor": Attribute(
        type=STRING,
        description="Id of the machine flavor, such as `modelarts.vm.cpu.2u`.",
        required=True,
        change=in_place("flavor"),
        validators=(Length(1, 256),),
    ),
    "image_id": Attribute(
        type=STRING,
        description="Id (UUID) of the image.",
        required=True,
        change=in_place("image_id"),
        validators=(UUID,),
        equivalent=same_id,
    ),
    "endpoints": Attribute(
        type=Nested(Nesting.MAP, ENDPOINT),
        description="How to reach the instance, by service: `SSH` (remote login) or `NOTEBOOK` (HTTPS).",
        optional=True,
        change=in_place("endpoints"),
        validators=(Keys(OneOf(SERVICES)),),
    ),
    "hooks": Attribute(
        type=Nested(Nesting.SINGLE, {"pre_start": _hook("before"), "post_start": _hook("after")}),
        description=(
            "Scripts that run when the instance starts. The API never returns them: the state keeps what was sent, and "
            "an import leaves them null."
        ),
        optional=True,
        change=in_place("hooks"),
    ),
    "storage": Attribute(
        type=Nested(Nesting.SINGLE, STORAGE),
        description="The storage of the work directory. All but `size` can't change without replacing the instance.",
        required=True,
        change=in_place("storage_size"),
        validators=(StorageRules(),),
    ),
    "auto_stop": AUTO_STOP,
    "desired_status": Attribute(
        type=STRING,
        description=(
            "Power state to keep: `RUNNING` or `STOPPED`. Unset: whatever is found is kept. Once set it is refreshed "
            "from reality, so that a difference shows. `STOPPED` is consent to stop."
        ),
        optional=True,
        change=in_place("desired_status"),
        validators=(OneOf(("RUNNING", "STOPPED")),),
    ),
    "allow_stopping_for_update": Attribute(
        type=BOOL,
        description=(
            "Whether an update may stop a running instance (and start it again). `false`: an update that needs a stop "
            "fails at plan time. Unset: the provider's setting, which is true unless set."
        ),
        optional=True,
        change=LOCAL,
    ),
    "deletion_protection": Attribute(
        type=BOOL,
        description=(
            "`true`: destroying or replacing the instance fails at plan time, a replacement that Terraform is told to make "
            "(`-replace`, a taint) at the apply, before the instance is touched. `false` lets it go, whatever the provider says. Unset: the provider's "
            "setting, which is false unless set."
        ),
        optional=True,
        change=LOCAL,
    ),
    "adopt_existing": Attribute(
        type=BOOL,
        description=(
            "`true`: a create that finds one young instance of the same name, flavor and image which no state is known "
            "to hold (a create that was killed leaves one) takes it over and brings it to the configuration. Unset: such a "
            "create fails and names it. Either way a create first waits until the instance rests, and up to a minute more: "
            "it may be another run's, of a stack with the same name, and the create goes on then. Only for notebooks whose name is theirs alone in the project, in whatever state: one "
            "that was imported, or whose tags can't be written, looks like a lost one while it is younger than "
            "`timeouts.create`."
        ),
        optional=True,
        change=LOCAL,
    ),
    "tags": TAGS,
    "tags_all": TAGS_ALL,
    "feature": Attribute(
        type=STRING,
        description="`NOTEBOOK` (billed) or `DEFAULT` (the free CodeLab instance).",
        optional=True,
        computed=True,
        change=REPLACE,
        on_plan=OnPlan.STABLE,
        validators=(OneOf(("NOTEBOOK", "DEFAULT")),),
    ),
    "workspace_id": Attribute(
        type=STRING,
        description="Id of the workspace; `0` is the default one.",
        optional=True,
        computed=True,
        change=REPLACE,
        on_plan=OnPlan.STABLE,
        validators=(Matches(r"0|[0-9a-z]{32}", "be 0 or 32 lower-case letters and digits"),),
    ),
    "pool_id": Attribute(
        type=STRING,
        description="Id of the dedicated resource pool to run in; the public pool when unset.",
        optional=True,
        change=REPLACE,
        validators=(Matches(r"[a-z][a-z0-9-]{3,63}", "have 4 to 64 characters and start with a lower-case letter"),),
    ),
    "region": Attribute(
        type=STRING,
        description="Region of the instance; the provider's when unset.",
        optional=True,
        computed=True,
        change=REPLACE,
        on_plan=OnPlan.STABLE,
        validators=(REGION,),
    ),
    "project_id": Attribute(
        type=STRING,
        description=(
            "Id of the project; when unset, the provider's where the instance is in the provider's region, else the one that "
            "is looked up by the region."
        ),
        optional=True,
        computed=True,
        change=REPLACE,
        on_plan=OnPlan.STABLE,
        validators=(PROJECT_ID,),
        equivalent=same_id,
    ),
    "timeouts": timeouts_attribute(DEFAULT_TIMEOUTS),
    **REPORTED,
}

SCHEMA: Final = Schema(
    description=(
        "A ModelArts notebook instance. Name, description, flavor, image, endpoints, hooks and storage size change in "
        "place: where the instance must be stopped for it, the provider stops it, updates it once and starts it again."
    ),
    attributes=ATTRIBUTES,
)
