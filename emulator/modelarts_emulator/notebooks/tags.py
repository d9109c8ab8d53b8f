"""Tags of instances: rows 14 to 16. Creating and deleting answer 204 without a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.calls import Call, Reply, ok
from modelarts_emulator.errors import busy, missing, refuse, wrong_value
from modelarts_emulator.notebooks import request_fields
from modelarts_emulator.state.entities import TRANSITIONAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from modelarts_emulator.notebooks.request_fields import Body
    from modelarts_emulator.state.entities import Notebook

MAX_TAGS = 20
SYSTEM = "_sys_"
_KEY_CHARS = "_.:=+-@ "


def _text(item: Body, key: str, *, most: int, extra: str) -> str | None:
    value = request_fields.text(item, key, path="tags[].", most=most)
    if value is None:
        return None
    for char in value:
        if not (char.isalnum() or char in _KEY_CHARS or char in extra):
            raise wrong_value(f"tags[].{key}", "letters of any language, digits, spaces and " + _KEY_CHARS + extra)
    if value != value.strip():
        raise wrong_value(f"tags[].{key}", "no space at its beginning or end")
    return value


def _tags(call: Call, there: Collection[str] = ()) -> list[tuple[str, str | None]]:
    """The tags of a request; a key that is there already is taken as it is."""
    found = request_fields.objects(call.body, "tags")
    if not found:
        raise missing("tags")
    if len(found) > MAX_TAGS:
        raise wrong_value("tags", f"at most {MAX_TAGS}")
    result: list[tuple[str, str | None]] = []
    for item in found:
        if (
            (known := request_fields.text(item, "key", path="tags[].")) in there
            and known
            and not known.startswith("_sys_")
        ):
            result.append((known, request_fields.text(item, "value", path="tags[].")))
            continue
        key = _text(item, "key", most=128, extra="")
        if not key:
            raise missing("tags[].key")
        if key.startswith(SYSTEM):
            raise wrong_value("tags[].key", f"not beginning with {SYSTEM}")
        result.append((key, _text(item, "value", most=255, extra="/")))
    return result


def _tagged(call: Call) -> Notebook:
    notebook = call.notebook()
    if notebook.status in TRANSITIONAL and call.world.config.assumed("tags-while-moving") == "refused":
        raise busy(notebook.status)
    return notebook


def _taken(call: Call, keys: Iterable[str]) -> int:
    """How many of the 20 tags of an instance are taken by these."""
    every = call.world.config.assumed("system-tags") == "one of the 20 each"
    return sum(1 for key in keys if every or not key.startswith(SYSTEM))


def create(call: Call) -> Reply:
    """POST /notebooks/{id}/tags/create: the same key overwrites; 20 at most in all."""
    notebook = _tagged(call)
    merged = {**notebook.tags, **{key: value or "" for key, value in _tags(call)}}
    if _taken(call, merged) > MAX_TAGS:
        raise refuse("0104", f"An instance can have {MAX_TAGS} tags.")
    notebook.tags = merged
    call.world.touch(notebook)
    return Reply(204, None)


def delete(call: Call) -> Reply:
    """DELETE /notebooks/{id}/tags/delete with a body: a missing tag is no error; a value, when given, has to match."""
    notebook = _tagged(call)
    gone = _tags(call, notebook.tags)
    notebook.tags = {
        key: value
        for key, value in notebook.tags.items()
        if not any(key == name and given in (None, "", value) for name, given in gone)
    }
    call.world.touch(notebook)
    return Reply(204, None)


def show(call: Call) -> Reply:
    """GET /notebooks/tags: all keys of the project, each with its values."""
    merged: dict[str, list[str]] = {}
    workspace = call.query.get("workspace_id")
    for notebook in call.world.notebooks.values():
        if notebook.project_id == call.project_id and workspace in (None, "", notebook.workspace_id):
            for key, value in notebook.tags.items():
                values = merged.setdefault(key, [])
                if value not in values:
                    values.append(value)
    return ok({"tags": [{"key": key, "values": values} for key, values in merged.items()]})
