"""Everything that is generated from the schema, as texts by path: registry pages, construct bindings, schema JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelarts_provider import NAME, SOURCE
from modelarts_provider.framework.render.constructs import render_constructs
from modelarts_provider.framework.render.docs import doc_sources, render_docs
from modelarts_provider.framework.render.schema_json import schema_json
from modelarts_provider.framework.schema.attributes import Schema
from modelarts_provider.lifecycle.fields import rows
from modelarts_provider.provider import ModelartsProvider


def schemas() -> tuple[Schema, Mapping[str, Schema]]:
    """The schema of the provider block, and of each resource by its type."""
    provider = ModelartsProvider(environment={})
    return provider.schema, {name: resource.schema for name, resource in provider.resources.items()}


def docs(root: Path) -> dict[str, str]:
    """The registry pages, from the templates and examples of a checkout."""
    return render_docs(NAME, *schemas(), doc_sources(root), rows())


def everything(root: Path) -> dict[str, str]:
    """Every generated file of a checkout."""
    return {**docs(root), **render_constructs(NAME, *schemas())}


def schema_document() -> dict[str, Any]:
    """What ``terraform providers schema -json`` prints for this provider."""
    return schema_json(*schemas(), SOURCE)
