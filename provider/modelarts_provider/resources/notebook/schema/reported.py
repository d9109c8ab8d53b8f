"""What the API reports of a notebook and nobody sets: computed attributes, each under its documented name.

Source: "Updating a Notebook Instance", tables 7 to 15. Times are milliseconds since 1970 (UTC) as the API has them, with
an RFC 3339 time beside; nothing here counts down, so that a refresh of an idle instance changes nothing.
"""

from __future__ import annotations

from typing import Final

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, OnPlan
from modelarts_provider.framework.schema.types import BOOL, NUMBER, STRING, ListOf, Type


def reported(kind: Type, description: str) -> Attribute:
    """A member of a computed object."""
    return Attribute(type=kind, description=description, computed=True)


def changing(kind: Type | Nested, description: str) -> Attribute:
    """A computed attribute that some changes alter, as the field table says: the resource's plan marks it unknown then."""
    return Attribute(type=kind, description=description, computed=True, on_plan=OnPlan.STABLE)


def fixed(kind: Type | Nested, description: str) -> Attribute:
    """A computed attribute that no update changes."""
    return Attribute(type=kind, description=description, computed=True, on_plan=OnPlan.STABLE)


IMAGE: Final = {
    "id": reported(STRING, "Id of the image that the instance has; a saved one after its image was saved."),
    "name": reported(STRING, "Name of the image."),
    "arch": reported(STRING, "Processor architecture: `X86_64` or `AARCH64`."),
    "create_at": reported(NUMBER, "When the image was created, in milliseconds (UTC)."),
    "created_at": reported(STRING, "When the image was created, RFC 3339."),
    "description": reported(STRING, "Description of the image."),
    "dev_services": reported(ListOf(STRING), "Services that the image supports: `NOTEBOOK`, `SSH`."),
    "flavor_type": reported(STRING, "Resource type of the image, such as `ASCEND_SNT9B`."),
    "namespace": reported(STRING, "SWR organization of the image."),
    "origin": reported(STRING, "`CUSTOMIZE`, or `IMAGE_SAVE` for the saved image of an instance."),
    "resource_categories": reported(ListOf(STRING), "Kinds of flavor that the image supports: `CPU`, `GPU`, `ASCEND`."),
    "service_type": reported(STRING, "What the image is for: `COMMON`, `INFERENCE`, `TRAIN`, `DEV`, `UNKNOWN`."),
    "size": reported(NUMBER, "Size of the image as the API has it (documented as KB)."),
    "status": reported(STRING, "Status of the image, such as `ACTIVE`."),
    "status_message": reported(STRING, "Build information of an image that is being saved."),
    "support_res_categories": reported(ListOf(STRING), "Kinds of flavor that the image supports (newer name)."),
    "swr_path": reported(STRING, "SWR path of the image."),
    "tag": reported(STRING, "Tag of the image."),
    "type": reported(STRING, "`BUILD_IN`, or `DEDICATED` for a saved image."),
    "update_at": reported(NUMBER, "When the image was last updated, in milliseconds (UTC)."),
    "updated_at": reported(STRING, "When the image was last updated, RFC 3339."),
    "visibility": reported(STRING, "`PRIVATE` or `PUBLIC`."),
    "workspace_id": reported(STRING, "Workspace of the image."),
}

LEASE: Final = {
    "create_at": reported(NUMBER, "When the instance was created, in milliseconds (UTC)."),
    "duration": reported(NUMBER, "Milliseconds from `create_at` to the automatic stop."),
    "enable": reported(BOOL, "Whether the instance stops by itself."),
    "type": reported(STRING, "`TIMING`, or `IDLE` (stops when idle)."),
    "update_at": reported(NUMBER, "When the lease was last updated, in milliseconds (UTC)."),
    "stops_at": reported(STRING, "When the instance stops by itself, RFC 3339 (`TIMING` only)."),
}

PROGRESS: Final = {
    "notebook_id": reported(STRING, "Id of the instance."),
    "status": reported(STRING, "`WAITING`, `PROCESSING`, `FAILED` or `COMPLETED`."),
    "step": reported(NUMBER, "1 storage, 2 compute resources, 3 network, 4 initialization."),
    "step_description": reported(STRING, "Description of the step."),
}

POOL: Final = {
    "id": reported(STRING, "Id of the dedicated pool."),
    "name": reported(STRING, "Name of the dedicated pool."),
}

DOMAIN: Final = {
    "id": reported(STRING, "Account id."),
    "name": reported(STRING, "Account name."),
}

USER: Final = {
    "id": reported(STRING, "IAM user id."),
    "name": reported(STRING, "IAM user name."),
    "domain": Attribute(type=Nested(Nesting.SINGLE, DOMAIN), description="The account.", computed=True),
}

REPORTED: Final = {
    "id": fixed(STRING, "Id (UUID) of the instance."),
    "status": changing(STRING, "Status, such as `RUNNING`, `STOPPED`, `CREATE_FAILED` or `FROZEN`."),
    "interrupted_update": Attribute(
        type=BOOL,
        description=(
            "Whether an update was killed between its stop and its start (or, of a stopped instance, between its start "
            "and its stop): the next apply brings the instance back."
        ),
        computed=True,
        on_plan=OnPlan.STABLE,
    ),
    "fail_reason": changing(STRING, "Why the instance failed, where it did."),
    "url": changing(STRING, "HTTPS address of the instance."),
    "ssh_uri": changing(STRING, "SSH address of the instance."),
    "created_at": fixed(STRING, "When the instance was created, RFC 3339."),
    "updated_at": changing(STRING, "When the instance was last updated, RFC 3339."),
    "create_at": fixed(NUMBER, "When the instance was created, in milliseconds (UTC)."),
    "update_at": changing(NUMBER, "When the instance was last updated, in milliseconds (UTC)."),
    "image": changing(Nested(Nesting.SINGLE, IMAGE), "The image that the instance really has."),
    "lease": changing(Nested(Nesting.SINGLE, LEASE), "When the instance stops by itself."),
    "pool": fixed(Nested(Nesting.SINGLE, POOL), "The dedicated pool, where it runs in one."),
    "user": fixed(Nested(Nesting.SINGLE, USER), "The user that owns the instance."),
    "billing_items": changing(ListOf(STRING), "What is billed: `STORAGE`, `COMPUTE` or `ALL`."),
    "action_progress": changing(Nested(Nesting.LIST, PROGRESS), "Steps of the last initialization."),
}
