"""``/openapi.json``: the operations as data, true to what the emulator does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from modelarts_emulator.errors import MEANINGS
from modelarts_emulator.http import routes
from modelarts_emulator.http.answer_schemas import ANSWERS, BOOLEAN, INTEGER, TEXT, ref
from modelarts_emulator.http.request_examples import BODIES, PARAMETERS
from modelarts_emulator.http.request_schemas import REQUESTS

_COUNT = {**INTEGER, "minimum": 0, "maximum": 999_999_999}
_PAGING = {"limit": {**_COUNT, "minimum": 1}, "offset": _COUNT, "sort_dir": TEXT, "sort_key": TEXT}
_LIST = {
    **_PAGING,
    **dict.fromkeys(
        (
            "billing",
            "description",
            "feature",
            "flavor",
            "id",
            "image_id",
            "ip",
            "name",
            "owner",
            "pool_id",
            "pool_name",
        ),
        TEXT,
    ),
    **dict.fromkeys(("status", "swr_path", "tags", "username", "workspace_id", "workspaceId"), TEXT),
}
_IMAGES = {
    **_PAGING,
    "name_fuzzy_match": BOOLEAN,
    **dict.fromkeys(("name", "namespace", "service_type", "type", "workspace_id", "show_name", "show_tag"), TEXT),
}
_FLAVORS = {**_PAGING, **dict.fromkeys(("category", "type", "flavor_type", "feature"), TEXT)}
_START = {"duration": INTEGER, "type": TEXT}


@dataclass(frozen=True, slots=True)
class Doc:
    """What the document says about an operation beside its path.

    Attributes:
        summary: one line.
        answer: component of the success, None for 204 without a body.
        codes: numbers of the ``ModelArts.`` codes that it can refuse with, beside those of every call.
        body: component of the request's body.
        query: parameters.
    """

    summary: str
    answer: str | None
    codes: str
    body: str | None = None
    query: dict[str, Any] | None = None


_BODY = "6400 6332 6335 6336"
_ONE = "6404 6309"
DOCS: dict[str, Doc] = {
    "CreateNotebook": Doc(
        "Create an instance",
        "Notebook",
        f"{_BODY} 0102 0104 0113 0118 6302 6317 6318 6323 6324 6329 6331 6334 6349 6702 6768 6785 6797 6870 6967",
        "CreateNotebookRequest",
    ),
    "ListNotebooks": Doc("List the caller's instances", "NotebookPage", "0104 6303", query=_LIST),
    "ListAllNotebooks": Doc("List everybody's instances", "NotebookPage", "0104 6303", query=_LIST),
    "ShowNotebook": Doc("Show an instance", "Notebook", _ONE),
    "UpdateNotebook": Doc(
        "Change an instance in place",
        "UpdatedNotebook",
        f"{_BODY} {_ONE} 6323 6324 6329 6331 6334 6347 6357 6768 6785 6792 6797 6870 6967",
        "UpdateNotebookRequest",
    ),
    "DeleteNotebook": Doc("Delete an instance", "Notebook", f"{_ONE} 6304 6357"),
    "StartNotebook": Doc("Start an instance", "Notebook", f"{_ONE} 6326 6332 6336 6349 6357 6360", query=_START),
    "StopNotebook": Doc("Stop an instance", "Notebook", f"{_ONE} 6327 6357"),
    "ShowLease": Doc("Show auto stop", "Lease", f"{_ONE} 6327 6357"),
    "RenewLease": Doc(
        "Prolong a running instance",
        "Lease",
        f"6400 6332 6336 {_ONE} 6327 6349 6357",
        "LeaseRequest",
        {"duration": INTEGER},
    ),
    "ListFlavors": Doc("List flavors", "FlavorPage", "0104 6303", query=_FLAVORS),
    "ShowSwitchableFlavors": Doc(
        "List flavors that an instance can switch to", "FlavorPage", f"{_ONE} 0104 6303", query=_PAGING
    ),
    "CreateImage": Doc(
        "Save a running instance as an image", "Image", f"{_BODY} {_ONE} 0102 6327 6357 6737", "SaveImageRequest"
    ),
    "CreateNotebookTags": Doc("Set tags", None, f"{_BODY} {_ONE} 0104 6357", "TagsRequest"),
    "DeleteNotebookTags": Doc("Remove tags", None, f"{_BODY} {_ONE} 6357", "TagsRequest"),
    "ShowNotebookTags": Doc("Show the tags of a project", "MergedTags", "", query={"workspace_id": TEXT}),
    "AttachDynamicStorage": Doc(
        "Attach storage", "Storage", f"{_BODY} {_ONE} 0104 6318 6324 6772 6785 6927 6958", "AttachStorageRequest"
    ),
    "ListDynamicStorages": Doc("List attached storage", "StoragePage", _ONE),
    "ShowDynamicStorage": Doc("Show an attached storage", "Storage", _ONE),
    "DetachDynamicStorage": Doc("Detach a storage", "Storage", f"{_ONE} 6357 6958"),
    "ListImage": Doc("List images", "ImagePage", "0104 6303", query=_IMAGES),
    "ShowImage": Doc("Show an image", "Image", "6797"),
    "RegisterImage": Doc("Register an image", "Image", f"{_BODY} 0102 6737", "RegisterImageRequest"),
    "DeleteImage": Doc("Delete an image", "Image", "0104 0108 6332 6357 6400 6797", "DeleteImageRequest"),
    "SyncImage": Doc("Read an image's registry again", "Image", "0108 6357 6797"),
    "ListFeatures": Doc("Show a switch and its quota", "Feature", "0104"),
    "ListAuthoringClusters": Doc(
        "List pools",
        "ClusterPage",
        "0104 6335 6336",
        query={"type": TEXT, "scope": TEXT, "workspace_id": TEXT, "limit": _PAGING["limit"], "offset": _COUNT},
    ),
    "ShowCluster": Doc("Show a pool", "Cluster", "0104"),
}
# Operations whose body may be left out altogether.
_OPTIONAL_BODY = {"RenewLease", "DeleteImage", "UpdateNotebook"}
_EVERYWHERE = {
    404: "APIGW.0101: no such path; ModelArts.6404: a missing instance, where the emulator is told to answer so",
    413: "APIGW.0201: the body is larger than 12 MB",
    500: "ModelArts.6361: the state file could not be written",
}
# Statuses other than 400: number -> status.
_STATUS = {"0108": 403}


def document(url: str = "/") -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in routes.OPERATIONS:
        path = f"/v1/{{project_id}}{operation.path}"
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ModelArts notebook API, emulated",
            "version": "1",
            "description": "What the emulator does; not a description of the service by its owner.",
        },
        "servers": [{"url": url}],
        "security": [{"signature": []}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**ANSWERS, **REQUESTS},
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "SDK-HMAC-SHA256",
                },
                "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
            },
        },
    }


def _operation(operation: routes.Operation) -> dict[str, Any]:
    doc = DOCS[operation.name]
    names = re.findall(r"{(\w+)}", operation.path)
    parameters = [_parameter(name, "path", TEXT, required=True) for name in ("project_id", *names)]
    for name, schema in (doc.query or {}).items():
        required = operation.name == "ListAuthoringClusters" and name == "type"
        parameters.append(_parameter(name, "query", schema, required=required))
    out: dict[str, Any] = {
        "operationId": operation.name,
        "summary": doc.summary,
        "parameters": parameters,
        "responses": _responses(doc),
    }
    if doc.body is not None:
        content = {"application/json": {"schema": ref(doc.body), "example": BODIES[doc.body]}}
        out["requestBody"] = {"required": operation.name not in _OPTIONAL_BODY, "content": content}
    return out


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    out = {"name": name, "in": place, "required": required, "schema": schema}
    # an optional parameter is best left out
    return {**out, "example": PARAMETERS[name]} if required and name in PARAMETERS else out


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": ref(name)}}


def _responses(doc: Doc) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if doc.answer is None:
        out["204"] = {"description": "Done."}
    else:
        out["200"] = {"description": "Done.", "content": _json(doc.answer)}
    by_status: dict[int, list[str]] = {}
    for number in sorted(doc.codes.split()):
        by_status.setdefault(_STATUS.get(number, 400), []).append(f"ModelArts.{number}: {MEANINGS[number]}")
    by_status.setdefault(401, []).append("APIGW.0301, APIGW.0307, ModelArts.0212: the credentials are wrong")
    by_status.setdefault(403, []).append("ModelArts.0210: the project of the URL does not match the credentials")
    by_status.setdefault(403, []).append(f"ModelArts.0112: {MEANINGS['0112']}")
    for status, lines in sorted(by_status.items()):
        out[str(status)] = {"description": "\n".join(lines), "content": _json("Error")}
    for status, text in _EVERYWHERE.items():
        out[str(status)] = {"description": text, "content": _json("Error")}
    return out
