"""Making and removing images: rows 13 and 23 to 25."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modelarts_emulator.calls import Call, Reply, ok
from modelarts_emulator.errors import busy, refuse, wrong_type, wrong_value
from modelarts_emulator.notebooks import request_fields, views
from modelarts_emulator.notebooks.images import own_or_refuse
from modelarts_emulator.notebooks.rules import check_action
from modelarts_emulator.state.entities import Image

if TYPE_CHECKING:
    from modelarts_emulator.state.entities import Notebook

_IMAGE_NAME = re.compile(r"[a-z0-9]([a-z0-9_.-]*[a-z0-9])?\Z")
_NAMESPACE = re.compile(r"[a-z]([a-z0-9_.-]*[a-z0-9])?\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_SWR_PATH = re.compile(r"(?P<host>[^/\s]+)/(?P<namespace>[^/\s]+)/(?P<name>[^:\s]+):(?P<tag>[^:/\s]+)\Z")
_SWR_MIN, _SWR_MAX, _README_MAX, _TAGS_MAX = 16, 2048, 3000, 20
REGISTRY = "swr.emulator.invalid"


def save(call: Call) -> Reply:
    """POST /notebooks/{id}/create-image: the instance is SNAPSHOTTING, afterwards it runs from the saved image."""
    notebook = call.notebook()
    world = call.world
    check_action(world.config.rules, "create-image", notebook.status)
    image = _saved(call, notebook)
    image.id, image.serial = world.ids.uuid(), world.next_serial()
    transition = world.begin(notebook, "SNAPSHOTTING", "RUNNING", world.timing.save_image, call.now)
    reason = world.take_failure("create-image", notebook.id)
    if reason is None:
        transition.image_id = image.id
    else:
        image.status_message = reason
    image.ready_at = transition.end
    answer = {**views.image(image), "status": "INIT"}
    world.images[image.id] = image
    world.touch_image(image)
    return ok(answer)


def _saved(call: Call, notebook: Notebook) -> Image:
    body = call.body
    name = request_fields.required_text(body, "name", most=128)
    namespace = request_fields.required_text(body, "namespace", most=64)
    tag = request_fields.text(body, "tag", most=64) or "latest"
    if not _IMAGE_NAME.match(name):
        raise wrong_value("name", "lower-case letters, digits, - _ . with a letter or digit at both ends")
    if not _NAMESPACE.match(namespace):
        raise wrong_value("namespace", "an organisation of the image registry")
    if not _TAG.match(tag):
        raise wrong_value("tag", "letters, digits, - _ .")
    base = call.world.images[notebook.image_id]
    path = f"{REGISTRY}/{namespace}/{name}:{tag}"
    _check_new(call, path)
    return Image(
        id="",
        name=name,
        tag=tag,
        swr_path=path,
        type="DEDICATED",
        arch=base.arch,
        resource_categories=list(base.resource_categories),
        dev_services=list(base.dev_services),
        create_at=call.now,
        update_at=call.now,
        description=request_fields.text(body, "description", most=512) or "",
        namespace=namespace,
        origin="IMAGE_SAVE",
        service_type=base.service_type,
        status="CREATING",
        visibility="PRIVATE",
        workspace_id=_workspace(call),
        swr_instance_id=request_fields.text(body, "swr_instance_id", most=64),
        project_id=call.project_id,
    )


def _workspace(call: Call) -> str:
    workspace_id = request_fields.text(call.body, "workspace_id") or "0"
    if workspace_id not in call.world.workspaces:
        raise refuse("0102", f"The workspace {workspace_id} does not exist.")
    return workspace_id


def _check_new(call: Call, path: str) -> None:
    if any(image.swr_path == path and image.project_id == call.project_id for image in call.world.images.values()):
        raise refuse("6737", f"The image {path} exists already; a tag cannot be there twice.")


def register(call: Call) -> Reply:
    """POST /images; what is called resource_category and services here comes back under other names."""
    body, world = call.body, call.world
    path = request_fields.required_text(body, "swr_path", most=_SWR_MAX)
    found = _SWR_PATH.match(path)
    if len(path) < _SWR_MIN or found is None:
        raise wrong_value("swr_path", "registry/organisation/name:tag")
    image = Image(
        id="",
        name=found["name"],
        tag=found["tag"],
        swr_path=path,
        type="DEDICATED",
        # upper case only in requests (live note), lower case in answers (samples)
        arch=_arch(call),
        resource_categories=_words(call, "resource_category", ("CPU", "GPU", "ASCEND"), ["CPU", "GPU"]),
        dev_services=_words(call, "services", ("NOTEBOOK", "SSH"), ["NOTEBOOK", "SSH"]),
        create_at=call.now,
        update_at=call.now,
        description=request_fields.text(body, "description", most=512) or "",
        namespace=found["namespace"],
        origin=request_fields.choice(body, "origin", ("CUSTOMIZE", "IMAGE_SAVE")) or "CUSTOMIZE",
        service_type=request_fields.choice(body, "service_type", ("COMMON", "INFERENCE", "TRAIN", "DEV", "UNKNOWN"))
        or "UNKNOWN",
        visibility=request_fields.choice(body, "visibility", ("PRIVATE", "PUBLIC")) or "PRIVATE",
        workspace_id=_workspace(call),
        flavor_type=request_fields.choice(body, "flavor_type", ("ASCEND_SNT9", "ASCEND_SNT9B", "ASCEND_SNT3")),
        tags=_tags(call),
        swr_instance_id=request_fields.text(body, "swr_instance_id", most=64),
        read_me=request_fields.text(body, "read_me", most=_README_MAX) or "",
        project_id=call.project_id,
    )
    _check_new(call, path)
    image.id, image.serial = world.ids.uuid(), world.next_serial()
    world.images[image.id] = image
    world.touch_image(image)
    return ok(views.image(image))


def _arch(call: Call) -> str:
    value = request_fields.text(call.body, "arch") or "X86_64"
    if value not in {"X86_64", "AARCH64"}:
        raise wrong_value("arch", "X86_64 or AARCH64")
    return value.lower()


def _words(call: Call, key: str, allowed: tuple[str, ...], default: list[str]) -> list[str]:
    given = request_fields.texts(call.body, key)
    if given is None:
        return default
    words = list(dict.fromkeys(word.upper() for word in given))
    if not words or not set(words) <= set(allowed):
        raise wrong_value(key, f"some of {', '.join(allowed)}")
    return words


def _tags(call: Call) -> list[dict[str, str]]:
    given = request_fields.items(call.body, "tags") or []
    if len(given) > _TAGS_MAX:
        raise wrong_value("tags", f"at most {_TAGS_MAX}")
    result = []
    for item in given:  # the newest SDK sends texts and reads pairs
        if isinstance(item, dict):
            result.append(
                {"key": request_fields.required_text(item, "key"), "value": request_fields.text(item, "value") or ""}
            )
        elif isinstance(item, str) and request_fields.is_clean(item):
            result.append({"key": item, "value": ""})
        else:
            raise wrong_type("tags[]", "string")
    return result


def delete(call: Call) -> Reply:
    """DELETE /images/{id}: refused for a built-in image and for one in use."""
    request_fields.boolean(call.body, "is_force")
    image = own_or_refuse(call, call.path["id"])
    _check_own(image)
    if image.status == "CREATING":
        raise busy(f"being saved into the image {image.id}")
    users = [item.id for item in call.world.notebooks.values() if item.image_id == image.id]
    if users:
        raise refuse("0104", f"The image {image.id} is in use by the instance {users[0]}.")
    del call.world.images[image.id]
    call.world.dirty.add(("image", image.id))
    return ok({**views.image(image), "status": "DELETED"})


def _check_own(image: Image) -> None:
    if image.project_id is None:
        raise refuse("0108", "You are not allowed to change a built-in image.", status=403)


def sync(call: Call) -> Reply:
    """POST /images/{id}/sync: reads the image's registry again."""
    image = own_or_refuse(call, call.path["id"])
    _check_own(image)
    if image.status == "CREATING":
        raise busy(f"being saved into the image {image.id}")
    image.update_at = call.now
    call.world.touch_image(image)
    return ok(views.image(image))
