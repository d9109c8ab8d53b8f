"""The resource ``modelarts_notebook``. Generated from the provider's schema by `make generate`: change the schema, not this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NotRequired, TypedDict, Unpack

from modelarts_constructs._cdk import Construct, cdktf
from modelarts_constructs.l1._base import Expression, Flag, Many, ResourceBase
from modelarts_constructs.l1._meta import MetaArguments
from modelarts_constructs.l1._references import ListReference, MapReference, Place, Reference


class NotebookEndpoints(TypedDict):
    """How to reach the instance, by service: `SSH` (remote login) or `NOTEBOOK` (HTTPS)."""

    key_pair_names: NotRequired[Many[str] | None]
    """Names of the key pairs that may log in through SSH.

    Each element must have 1 to 64 characters. Changes in place.
    """

    allowed_access_ips: NotRequired[Many[str] | None]
    """Public IPv4 addresses that may connect; at most five.

    Without any, every public address may. Must have at most 5 elements. Each element must be an IPv4 address such as
    203.0.113.7. Each element should be a public address. Changes in place.
    """


class NotebookEndpointsReference(Reference):
    """How to reach the instance, by service: `SSH` (remote login) or `NOTEBOOK` (HTTPS)."""

    @property
    def key_pair_names(self) -> list[str]:
        """Names of the key pairs that may log in through SSH."""
        return self._strings("key_pair_names")

    @property
    def allowed_access_ips(self) -> list[str]:
        """Public IPv4 addresses that may connect; at most five.

        Without any, every public address may.
        """
        return self._strings("allowed_access_ips")

    @property
    def uri(self) -> str:
        """Address of the service, as the API reports it."""
        return self._string("uri")


class NotebookHooksPreStart(TypedDict):
    """The script to run before the service starts."""

    type: NotRequired[str | None]
    """`SCRIPT`: `script` is the absolute path of a script; `COMMAND`: `script` is Base64 text.

    Must be SCRIPT or COMMAND. Default: `SCRIPT`. Changes in place.
    """

    script: str
    """What to run: an absolute path (`SCRIPT`) or a Base64 encoded command (`COMMAND`).

    Changes in place.
    """

    mode: NotRequired[str | None]
    """`BLOCK` waits for the script, `ASYNC` doesn't.

    Sent only when set: only the newest API knows it. Must be ASYNC or BLOCK. Changes in place.
    """


class NotebookHooksPreStartReference(Reference):
    """The script to run before the service starts."""

    @property
    def type(self) -> str:
        """`SCRIPT`: `script` is the absolute path of a script; `COMMAND`: `script` is Base64 text."""
        return self._string("type")

    @property
    def script(self) -> str:
        """What to run: an absolute path (`SCRIPT`) or a Base64 encoded command (`COMMAND`)."""
        return self._string("script")

    @property
    def mode(self) -> str:
        """`BLOCK` waits for the script, `ASYNC` doesn't.

        Sent only when set: only the newest API knows it.
        """
        return self._string("mode")


class NotebookHooksPostStart(TypedDict):
    """The script to run after the service starts."""

    type: NotRequired[str | None]
    """`SCRIPT`: `script` is the absolute path of a script; `COMMAND`: `script` is Base64 text.

    Must be SCRIPT or COMMAND. Default: `SCRIPT`. Changes in place.
    """

    script: str
    """What to run: an absolute path (`SCRIPT`) or a Base64 encoded command (`COMMAND`).

    Changes in place.
    """

    mode: NotRequired[str | None]
    """`BLOCK` waits for the script, `ASYNC` doesn't.

    Sent only when set: only the newest API knows it. Must be ASYNC or BLOCK. Changes in place.
    """


class NotebookHooksPostStartReference(Reference):
    """The script to run after the service starts."""

    @property
    def type(self) -> str:
        """`SCRIPT`: `script` is the absolute path of a script; `COMMAND`: `script` is Base64 text."""
        return self._string("type")

    @property
    def script(self) -> str:
        """What to run: an absolute path (`SCRIPT`) or a Base64 encoded command (`COMMAND`)."""
        return self._string("script")

    @property
    def mode(self) -> str:
        """`BLOCK` waits for the script, `ASYNC` doesn't.

        Sent only when set: only the newest API knows it.
        """
        return self._string("mode")


class NotebookHooks(TypedDict):
    """Scripts that run when the instance starts.

    The API never returns them: the state keeps what was sent, and an import leaves them null.
    """

    pre_start: NotRequired[NotebookHooksPreStart | Expression | None]
    """The script to run before the service starts.

    Must have a `script` that is Base64 text (`COMMAND`) or an absolute path (`SCRIPT`). Changes in place.
    """

    post_start: NotRequired[NotebookHooksPostStart | Expression | None]
    """The script to run after the service starts.

    Must have a `script` that is Base64 text (`COMMAND`) or an absolute path (`SCRIPT`). Changes in place.
    """


class NotebookHooksReference(Reference):
    """Scripts that run when the instance starts.

    The API never returns them: the state keeps what was sent, and an import leaves them null.
    """

    @property
    def pre_start(self) -> NotebookHooksPreStartReference:
        """The script to run before the service starts."""
        return NotebookHooksPreStartReference(self._at("pre_start"))

    @property
    def post_start(self) -> NotebookHooksPostStartReference:
        """The script to run after the service starts."""
        return NotebookHooksPostStartReference(self._at("post_start"))


class NotebookStorage(TypedDict):
    """The storage of the work directory.

    All but `size` can't change without replacing the instance.
    """

    category: NotRequired[str | None]
    """Kind of storage: `EVS` (a disk), `EFS` (SFS Turbo), `OBS` or `OBSFS` (parallel file system).

    `SFS` is what old instances have: they can be imported, and no new one can be created with it. Must be one of EVS,
    EFS, OBS, OBSFS, SFS. Default: `EVS`. A change replaces the instance.
    """

    ownership: NotRequired[str | None]
    """`MANAGED`: the service's own; `DEDICATED`: yours, named by `uri` and `id`.

    Must be MANAGED or DEDICATED. Default: `MANAGED`. A change replaces the instance.
    """

    size: NotRequired[float | None]
    """Size of the disk in GB, 5 to 4096 (only `EVS` can be given one).

    Grows in place; a smaller value is an error at plan time. Unset: the service's choice at create, and whatever is
    there later. Changes in place.
    """

    uri: NotRequired[str | None]
    """Address of your own storage (`DEDICATED`), such as `obs://bucket/folder/`.

    Must have 1 to 1024 characters. A change replaces the instance.
    """

    id: NotRequired[str | None]
    """Id of your own SFS Turbo file system (`EFS`, `DEDICATED`).

    Must be a UUID such as e1a07296-22a8-4f05-8bc8-e936c8e54100. A change replaces the instance.
    """

    dew_secret_name: NotRequired[str | None]
    """Name of the secret that holds the access key for OBS storage.

    Must have 1 to 64 characters. A change replaces the instance.
    """


class NotebookStorageReference(Reference):
    """The storage of the work directory.

    All but `size` can't change without replacing the instance.
    """

    @property
    def category(self) -> str:
        """Kind of storage: `EVS` (a disk), `EFS` (SFS Turbo), `OBS` or `OBSFS` (parallel file system).

        `SFS` is what old instances have: they can be imported, and no new one can be created with it.
        """
        return self._string("category")

    @property
    def ownership(self) -> str:
        """`MANAGED`: the service's own; `DEDICATED`: yours, named by `uri` and `id`."""
        return self._string("ownership")

    @property
    def size(self) -> float:
        """Size of the disk in GB, 5 to 4096 (only `EVS` can be given one).

        Grows in place; a smaller value is an error at plan time. Unset: the service's choice at create, and whatever is
        there later.
        """
        return self._number("size")

    @property
    def uri(self) -> str:
        """Address of your own storage (`DEDICATED`), such as `obs://bucket/folder/`."""
        return self._string("uri")

    @property
    def id(self) -> str:
        """Id of your own SFS Turbo file system (`EFS`, `DEDICATED`)."""
        return self._string("id")

    @property
    def dew_secret_name(self) -> str:
        """Name of the secret that holds the access key for OBS storage."""
        return self._string("dew_secret_name")

    @property
    def mount_path(self) -> str:
        """Where the storage is mounted."""
        return self._string("mount_path")

    @property
    def status(self) -> str:
        """Status of the storage; `RESIZING` while a disk grows, which doesn't affect the instance."""
        return self._string("status")


class NotebookAutoStop(TypedDict):
    """When the instance stops by itself.

    Unset: not managed, and whatever is there is kept across restarts. While the instance is stopped a change waits for
    the next start.
    """

    enabled: NotRequired[Flag | None]
    """`false` switches auto-stop off.

    Changes in place.
    """

    type: NotRequired[str | None]
    """`TIMING` (the default): after the duration; `IDLE`: after so long without use.

    Must be TIMING or IDLE. Changes in place.
    """

    duration: NotRequired[str | None]
    """How long, such as `"4h"` or `"90m"`; 1 to 72 hours for `TIMING`.

    Must be a duration such as "90s", "30m" or "1h30m". Changes in place.
    """


class NotebookAutoStopReference(Reference):
    """When the instance stops by itself.

    Unset: not managed, and whatever is there is kept across restarts. While the instance is stopped a change waits for
    the next start.
    """

    @property
    def enabled(self) -> cdktf.IResolvable:
        """`false` switches auto-stop off."""
        return self._boolean("enabled")

    @property
    def type(self) -> str:
        """`TIMING` (the default): after the duration; `IDLE`: after so long without use."""
        return self._string("type")

    @property
    def duration(self) -> str:
        """How long, such as `"4h"` or `"90m"`; 1 to 72 hours for `TIMING`."""
        return self._string("duration")


class NotebookTimeouts(TypedDict):
    """How long operations may take, as durations such as `30m`."""

    create: NotRequired[str | None]
    """Longest create, such as `90s` or `1h`; 30m when unset.

    Must be a duration such as "90s", "30m" or "1h30m". A change makes no call.
    """

    read: NotRequired[str | None]
    """Longest read, such as `90s` or `1h`; 2m when unset.

    Must be a duration such as "90s", "30m" or "1h30m". A change makes no call.
    """

    update: NotRequired[str | None]
    """Longest update, such as `90s` or `1h`; 30m when unset.

    Must be a duration such as "90s", "30m" or "1h30m". A change makes no call.
    """

    delete: NotRequired[str | None]
    """Longest delete, such as `90s` or `1h`; 20m when unset.

    Must be a duration such as "90s", "30m" or "1h30m". A change makes no call.
    """


class NotebookTimeoutsReference(Reference):
    """How long operations may take, as durations such as `30m`."""

    @property
    def create(self) -> str:
        """Longest create, such as `90s` or `1h`; 30m when unset."""
        return self._string("create")

    @property
    def read(self) -> str:
        """Longest read, such as `90s` or `1h`; 2m when unset."""
        return self._string("read")

    @property
    def update(self) -> str:
        """Longest update, such as `90s` or `1h`; 30m when unset."""
        return self._string("update")

    @property
    def delete(self) -> str:
        """Longest delete, such as `90s` or `1h`; 20m when unset."""
        return self._string("delete")


class NotebookImageReference(Reference):
    """The image that the instance really has."""

    @property
    def id(self) -> str:
        """Id of the image that the instance has; a saved one after its image was saved."""
        return self._string("id")

    @property
    def name(self) -> str:
        """Name of the image."""
        return self._string("name")

    @property
    def arch(self) -> str:
        """Processor architecture: `X86_64` or `AARCH64`."""
        return self._string("arch")

    @property
    def create_at(self) -> float:
        """When the image was created, in milliseconds (UTC)."""
        return self._number("create_at")

    @property
    def created_at(self) -> str:
        """When the image was created, RFC 3339."""
        return self._string("created_at")

    @property
    def description(self) -> str:
        """Description of the image."""
        return self._string("description")

    @property
    def dev_services(self) -> list[str]:
        """Services that the image supports: `NOTEBOOK`, `SSH`."""
        return self._strings("dev_services")

    @property
    def flavor_type(self) -> str:
        """Resource type of the image, such as `ASCEND_SNT9B`."""
        return self._string("flavor_type")

    @property
    def namespace(self) -> str:
        """SWR organization of the image."""
        return self._string("namespace")

    @property
    def origin(self) -> str:
        """`CUSTOMIZE`, or `IMAGE_SAVE` for the saved image of an instance."""
        return self._string("origin")

    @property
    def resource_categories(self) -> list[str]:
        """Kinds of flavor that the image supports: `CPU`, `GPU`, `ASCEND`."""
        return self._strings("resource_categories")

    @property
    def service_type(self) -> str:
        """What the image is for: `COMMON`, `INFERENCE`, `TRAIN`, `DEV`, `UNKNOWN`."""
        return self._string("service_type")

    @property
    def size(self) -> float:
        """Size of the image as the API has it (documented as KB)."""
        return self._number("size")

    @property
    def status(self) -> str:
        """Status of the image, such as `ACTIVE`."""
        return self._string("status")

    @property
    def status_message(self) -> str:
        """Build information of an image that is being saved."""
        return self._string("status_message")

    @property
    def support_res_categories(self) -> list[str]:
        """Kinds of flavor that the image supports (newer name)."""
        return self._strings("support_res_categories")

    @property
    def swr_path(self) -> str:
        """SWR path of the image."""
        return self._string("swr_path")

    @property
    def tag(self) -> str:
        """Tag of the image."""
        return self._string("tag")

    @property
    def type(self) -> str:
        """`BUILD_IN`, or `DEDICATED` for a saved image."""
        return self._string("type")

    @property
    def update_at(self) -> float:
        """When the image was last updated, in milliseconds (UTC)."""
        return self._number("update_at")

    @property
    def updated_at(self) -> str:
        """When the image was last updated, RFC 3339."""
        return self._string("updated_at")

    @property
    def visibility(self) -> str:
        """`PRIVATE` or `PUBLIC`."""
        return self._string("visibility")

    @property
    def workspace_id(self) -> str:
        """Workspace of the image."""
        return self._string("workspace_id")


class NotebookLeaseReference(Reference):
    """When the instance stops by itself."""

    @property
    def create_at(self) -> float:
        """When the instance was created, in milliseconds (UTC)."""
        return self._number("create_at")

    @property
    def duration(self) -> float:
        """Milliseconds from `create_at` to the automatic stop."""
        return self._number("duration")

    @property
    def enable(self) -> cdktf.IResolvable:
        """Whether the instance stops by itself."""
        return self._boolean("enable")

    @property
    def type(self) -> str:
        """`TIMING`, or `IDLE` (stops when idle)."""
        return self._string("type")

    @property
    def update_at(self) -> float:
        """When the lease was last updated, in milliseconds (UTC)."""
        return self._number("update_at")

    @property
    def stops_at(self) -> str:
        """When the instance stops by itself, RFC 3339 (`TIMING` only)."""
        return self._string("stops_at")


class NotebookPoolReference(Reference):
    """The dedicated pool, where it runs in one."""

    @property
    def id(self) -> str:
        """Id of the dedicated pool."""
        return self._string("id")

    @property
    def name(self) -> str:
        """Name of the dedicated pool."""
        return self._string("name")


class NotebookUserDomainReference(Reference):
    """The account."""

    @property
    def id(self) -> str:
        """Account id."""
        return self._string("id")

    @property
    def name(self) -> str:
        """Account name."""
        return self._string("name")


class NotebookUserReference(Reference):
    """The user that owns the instance."""

    @property
    def id(self) -> str:
        """IAM user id."""
        return self._string("id")

    @property
    def name(self) -> str:
        """IAM user name."""
        return self._string("name")

    @property
    def domain(self) -> NotebookUserDomainReference:
        """The account."""
        return NotebookUserDomainReference(self._at("domain"))


class NotebookActionProgressReference(Reference):
    """Steps of the last initialization."""

    @property
    def notebook_id(self) -> str:
        """Id of the instance."""
        return self._string("notebook_id")

    @property
    def status(self) -> str:
        """`WAITING`, `PROCESSING`, `FAILED` or `COMPLETED`."""
        return self._string("status")

    @property
    def step(self) -> float:
        """1 storage, 2 compute resources, 3 network, 4 initialization."""
        return self._number("step")

    @property
    def step_description(self) -> str:
        """Description of the step."""
        return self._string("step_description")


class NotebookAttributes(Place):
    """What can be read from a ``modelarts_notebook``."""

    TF_SETS: ClassVar[tuple[str, ...]] = (
        "endpoints.*.key_pair_names",
        "endpoints.*.allowed_access_ips",
    )

    @property
    def name(self) -> str:
        """Name of the instance: 1 to 128 letters, digits, hyphens and underscores.

        Names may repeat.
        """
        return self._string("name")

    @property
    def description(self) -> str:
        """Description, at most 512 characters, none of `& < > " ' /`.

        An empty one clears it.
        """
        return self._string("description")

    @property
    def flavor(self) -> str:
        """Id of the machine flavor, such as `modelarts.vm.cpu.2u`."""
        return self._string("flavor")

    @property
    def image_id(self) -> str:
        """Id (UUID) of the image."""
        return self._string("image_id")

    @property
    def endpoints(self) -> MapReference[NotebookEndpointsReference]:
        """How to reach the instance, by service: `SSH` (remote login) or `NOTEBOOK` (HTTPS)."""
        return MapReference(self._at("endpoints"), NotebookEndpointsReference)

    @property
    def hooks(self) -> NotebookHooksReference:
        """Scripts that run when the instance starts.

        The API never returns them: the state keeps what was sent, and an import leaves them null.
        """
        return NotebookHooksReference(self._at("hooks"))

    @property
    def storage(self) -> NotebookStorageReference:
        """The storage of the work directory.

        All but `size` can't change without replacing the instance.
        """
        return NotebookStorageReference(self._at("storage"))

    @property
    def auto_stop(self) -> NotebookAutoStopReference:
        """When the instance stops by itself.

        Unset: not managed, and whatever is there is kept across restarts. While the instance is stopped a change waits
        for the next start.
        """
        return NotebookAutoStopReference(self._at("auto_stop"))

    @property
    def desired_status(self) -> str:
        """Power state to keep: `RUNNING` or `STOPPED`.

        Unset: whatever is found is kept. Once set it is refreshed from reality, so that a difference shows. `STOPPED`
        is consent to stop.
        """
        return self._string("desired_status")

    @property
    def allow_stopping_for_update(self) -> cdktf.IResolvable:
        """Whether an update may stop a running instance (and start it again).

        `false`: an update that needs a stop fails at plan time. Unset: the provider's setting, which is true unless
        set.
        """
        return self._boolean("allow_stopping_for_update")

    @property
    def deletion_protection(self) -> cdktf.IResolvable:
        """The attribute ``deletion_protection``.

        `true`: destroying or replacing the instance fails at plan time, a replacement that Terraform is told to make
        (`-replace`, a taint) at the apply, before the instance is touched. `false` lets it go, whatever the provider
        says. Unset: the provider's setting, which is false unless set.
        """
        return self._boolean("deletion_protection")

    @property
    def adopt_existing(self) -> cdktf.IResolvable:
        """The attribute ``adopt_existing``.

        `true`: a create that finds one young instance of the same name, flavor and image which no state is known to
        hold (a create that was killed leaves one) takes it over and brings it to the configuration. Unset: such a
        create fails and names it. Either way a create first waits until the instance rests, and up to a minute more: it
        may be another run's, of a stack with the same name, and the create goes on then. Only for notebooks whose name
        is theirs alone in the project, in whatever state: one that was imported, or whose tags can't be written, looks
        like a lost one while it is younger than `timeouts.create`.
        """
        return self._boolean("adopt_existing")

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the instance, at most 19 together with the provider's `default_tags`, which they override.

        Changing them never stops anything, and waits for no state. Tags of the service (`_sys_...`) aren't among them.
        """
        return self._string_map("tags")

    @property
    def tags_all(self) -> dict[str, str]:
        """The attribute ``tags_all``.

        All tags of the instance: `tags` and the provider's `default_tags`, without ignored ones and those of the
        service (`_sys_...`).
        """
        return self._string_map("tags_all")

    @property
    def feature(self) -> str:
        """`NOTEBOOK` (billed) or `DEFAULT` (the free CodeLab instance)."""
        return self._string("feature")

    @property
    def workspace_id(self) -> str:
        """Id of the workspace; `0` is the default one."""
        return self._string("workspace_id")

    @property
    def pool_id(self) -> str:
        """Id of the dedicated resource pool to run in; the public pool when unset."""
        return self._string("pool_id")

    @property
    def region(self) -> str:
        """Region of the instance; the provider's when unset."""
        return self._string("region")

    @property
    def project_id(self) -> str:
        """The attribute ``project_id``.

        Id of the project; when unset, the provider's where the instance is in the provider's region, else the one that
        is looked up by the region.
        """
        return self._string("project_id")

    @property
    def timeouts(self) -> NotebookTimeoutsReference:
        """How long operations may take, as durations such as `30m`."""
        return NotebookTimeoutsReference(self._at("timeouts"))

    @property
    def id(self) -> str:
        """Id (UUID) of the instance."""
        return self._string("id")

    @property
    def status(self) -> str:
        """Status, such as `RUNNING`, `STOPPED`, `CREATE_FAILED` or `FROZEN`."""
        return self._string("status")

    @property
    def interrupted_update(self) -> cdktf.IResolvable:
        """The attribute ``interrupted_update``.

        Whether an update was killed between its stop and its start (or, of a stopped instance, between its start and
        its stop): the next apply brings the instance back.
        """
        return self._boolean("interrupted_update")

    @property
    def fail_reason(self) -> str:
        """Why the instance failed, where it did."""
        return self._string("fail_reason")

    @property
    def url(self) -> str:
        """HTTPS address of the instance."""
        return self._string("url")

    @property
    def ssh_uri(self) -> str:
        """SSH address of the instance."""
        return self._string("ssh_uri")

    @property
    def created_at(self) -> str:
        """When the instance was created, RFC 3339."""
        return self._string("created_at")

    @property
    def updated_at(self) -> str:
        """When the instance was last updated, RFC 3339."""
        return self._string("updated_at")

    @property
    def create_at(self) -> float:
        """When the instance was created, in milliseconds (UTC)."""
        return self._number("create_at")

    @property
    def update_at(self) -> float:
        """When the instance was last updated, in milliseconds (UTC)."""
        return self._number("update_at")

    @property
    def image(self) -> NotebookImageReference:
        """The image that the instance really has."""
        return NotebookImageReference(self._at("image"))

    @property
    def lease(self) -> NotebookLeaseReference:
        """When the instance stops by itself."""
        return NotebookLeaseReference(self._at("lease"))

    @property
    def pool(self) -> NotebookPoolReference:
        """The dedicated pool, where it runs in one."""
        return NotebookPoolReference(self._at("pool"))

    @property
    def user(self) -> NotebookUserReference:
        """The user that owns the instance."""
        return NotebookUserReference(self._at("user"))

    @property
    def billing_items(self) -> list[str]:
        """What is billed: `STORAGE`, `COMPUTE` or `ALL`."""
        return self._strings("billing_items")

    @property
    def action_progress(self) -> ListReference[NotebookActionProgressReference]:
        """Steps of the last initialization."""
        return ListReference(self._at("action_progress"), NotebookActionProgressReference)


class NotebookResource(ResourceBase, NotebookAttributes):
    """A ModelArts notebook instance.

    Name, description, flavor, image, endpoints, hooks and storage size change in place: where the instance must be
    stopped for it, the provider stops it, updates it once and starts it again.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = "modelarts_notebook"

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        name: str,
        flavor: str,
        image_id: str,
        storage: NotebookStorage | Expression,
        description: str | None = None,
        endpoints: Mapping[str, NotebookEndpoints] | Expression | None = None,
        hooks: NotebookHooks | Expression | None = None,
        auto_stop: NotebookAutoStop | Expression | None = None,
        desired_status: str | None = None,
        allow_stopping_for_update: Flag | None = None,
        deletion_protection: Flag | None = None,
        adopt_existing: Flag | None = None,
        tags: Mapping[str, str] | None = None,
        feature: str | None = None,
        workspace_id: str | None = None,
        pool_id: str | None = None,
        region: str | None = None,
        project_id: str | None = None,
        timeouts: NotebookTimeouts | Expression | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        """Declare a ``modelarts_notebook``.

        Args:
            scope: The construct that this one belongs to.
            id: Its id, unique in the scope; part of its address.
            name: Name of the instance: 1 to 128 letters, digits, hyphens and underscores. Names may repeat. A new value
                must have 1 to 128 characters and consist of letters, digits, hyphens and underscores. Changes in place.
            flavor: Id of the machine flavor, such as `modelarts.vm.cpu.2u`. Must have 1 to 256 characters. Changes in
                place.
            image_id: Id (UUID) of the image. Must be a UUID such as e1a07296-22a8-4f05-8bc8-e936c8e54100. Changes in
                place.
            storage: The storage of the work directory. All but `size` can't change without replacing the instance. Must
                have members that fit its `category` and `ownership`: `size` (5 to 4096 GB) for EVS, `uri` for
                DEDICATED, `id` for a DEDICATED EFS, `dew_secret_name` for OBS and OBSFS. Some members change in place,
                others replace the instance: see each.
            description: Description, at most 512 characters, none of `& < > " ' /`. An empty one clears it. A new value
                must have at most 512 characters and not contain any of & < > " ' /. Changes in place.
            endpoints: How to reach the instance, by service: `SSH` (remote login) or `NOTEBOOK` (HTTPS). Each key must
                be SSH or NOTEBOOK. Changes in place.
            hooks: Scripts that run when the instance starts. The API never returns them: the state keeps what was sent,
                and an import leaves them null. Changes in place.
            auto_stop: When the instance stops by itself. Unset: not managed, and whatever is there is kept across
                restarts. While the instance is stopped a change waits for the next start. Must be { type, duration } or
                { enabled = false }; a TIMING duration must be from "1h" to "72h", an IDLE one from "15m" to "72h".
                Changes in place.
            desired_status: Power state to keep: `RUNNING` or `STOPPED`. Unset: whatever is found is kept. Once set it
                is refreshed from reality, so that a difference shows. `STOPPED` is consent to stop. Must be RUNNING or
                STOPPED. Changes in place.
            allow_stopping_for_update: Whether an update may stop a running instance (and start it again). `false`: an
                update that needs a stop fails at plan time. Unset: the provider's setting, which is true unless set. A
                change makes no call.
            deletion_protection: `true`: destroying or replacing the instance fails at plan time, a replacement that
                Terraform is told to make (`-replace`, a taint) at the apply, before the instance is touched. `false`
                lets it go, whatever the provider says. Unset: the provider's setting, which is false unless set. A
                change makes no call.
            adopt_existing: `true`: a create that finds one young instance of the same name, flavor and image which no
                state is known to hold (a create that was killed leaves one) takes it over and brings it to the
                configuration. Unset: such a create fails and names it. Either way a create first waits until the
                instance rests, and up to a minute more: it may be another run's, of a stack with the same name, and the
                create goes on then. Only for notebooks whose name is theirs alone in the project, in whatever state:
                one that was imported, or whose tags can't be written, looks like a lost one while it is younger than
                `timeouts.create`. A change makes no call.
            tags: Tags of the instance, at most 19 together with the provider's `default_tags`, which they override.
                Changing them never stops anything, and waits for no state. Tags of the service (`_sys_...`) aren't
                among them. Each new key must have 1 to 128 characters and consist of letters, digits, spaces inside and
                _ . : = + - @ and not start with _sys_ and not be terraform-provider-modelarts. Each new element must
                have at most 255 characters and consist of letters, digits, spaces and _ . : / = + - @. Changes in
                place.
            feature: `NOTEBOOK` (billed) or `DEFAULT` (the free CodeLab instance). Must be NOTEBOOK or DEFAULT. A change
                replaces the instance.
            workspace_id: Id of the workspace; `0` is the default one. Must be 0 or 32 lower-case letters and digits. A
                change replaces the instance.
            pool_id: Id of the dedicated resource pool to run in; the public pool when unset. Must have 4 to 64
                characters and start with a lower-case letter. A change replaces the instance.
            region: Region of the instance; the provider's when unset. Must be the id of a region in lower case, such as
                cn-north-4. A change replaces the instance.
            project_id: Id of the project; when unset, the provider's where the instance is in the provider's region,
                else the one that is looked up by the region. Must have 32 letters and digits. A change replaces the
                instance.
            timeouts: How long operations may take, as durations such as `30m`. A change makes no call.
            **meta: Metadata arguments, such as ``depends_on``.
        """
        super().__init__(
            scope,
            id,
            {
                "name": name,
                "flavor": flavor,
                "image_id": image_id,
                "storage": storage,
                "description": description,
                "endpoints": endpoints,
                "hooks": hooks,
                "auto_stop": auto_stop,
                "desired_status": desired_status,
                "allow_stopping_for_update": allow_stopping_for_update,
                "deletion_protection": deletion_protection,
                "adopt_existing": adopt_existing,
                "tags": tags,
                "feature": feature,
                "workspace_id": workspace_id,
                "pool_id": pool_id,
                "region": region,
                "project_id": project_id,
                "timeouts": timeouts,
            },
            meta,
        )
