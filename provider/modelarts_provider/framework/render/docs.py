"""Schema, templates and examples to the registry pages under ``docs/``: a pure function from texts to texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from modelarts_provider.framework.render.docs_schema import schema_section
from modelarts_provider.framework.render.names import short_name
from modelarts_provider.framework.render.pages import fill
from modelarts_provider.framework.schema.attributes import Schema

SOURCES: Final = (("templates", "*.md.tmpl"), ("examples/provider", "*"), ("examples/resources", "*"))
"""Folders and files that the pages are made of."""

_PROVIDER_TEMPLATE: Final = "templates/index.md.tmpl"
_PROVIDER_EXAMPLE: Final = "examples/provider/provider.tf"
_FRONT: Final = """---
page_title: "{{ .Title }}"
subcategory: ""
description: |-
  {{ .Description }}
---

"""
_DEFAULT_PROVIDER: Final = """# {{ .Title }}

{{ .Description }}

{{ .Example }}

{{ .SchemaMarkdown }}
"""
_DEFAULT_RESOURCE: Final = """# {{ .Name }} ({{ .Type }})

{{ .Description }}

{{ .Example }}

{{ .SchemaMarkdown }}

{{ .Import }}
"""


class UpdateRow(Protocol):
    """What a page tells of one field that the API can update."""

    @property
    def attribute(self) -> str:
        """What users call it: an attribute's path, and perhaps a remark in brackets."""

    @property
    def sent(self) -> str:
        """When it is sent."""

    @property
    def effect(self) -> str:
        """What changing it does, in a sentence."""

    @property
    def evidence(self) -> str:
        """Where the rule comes from."""


def update_table(schema: Schema, rows: Iterable[UpdateRow], noun: str) -> str:
    """The rows that are about the schema's attributes, as a Markdown table; ``noun`` is what the attributes are of."""
    lines = [
        f"| attribute | sent | what it does to the {noun} | where the rule comes from |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        path, _, remark = row.attribute.partition(" ")
        if re.split(r"[.\[]", path)[0] in schema.attributes:
            lines.append(f"| {f'`{path}` {remark}'.rstrip()} | {row.sent} | {row.effect} | {row.evidence} |")
    return "\n".join(lines)


def doc_sources(root: Path) -> dict[str, str]:
    """Read every template and example below a checkout, by path in it."""
    found: dict[str, str] = {}
    for folder, pattern in SOURCES:
        for path in sorted((root / folder).rglob(pattern)):
            if path.is_file():
                found[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
    return found


def render_docs(
    name: str,
    provider: Schema,
    resources: Mapping[str, Schema],
    sources: Mapping[str, str],
    updates: Iterable[UpdateRow] = (),
) -> dict[str, str]:
    """The text of every registry page, by path in the repository.

    Args:
        name: The provider's name.
        provider: The schema of the provider block.
        resources: Schemas by full type, such as ``random_pet``.
        sources: Templates and examples by path in the repository, as ``doc_sources`` reads them.
        updates: What is known of each field that can be updated: the rows of ``{{ .UpdateTable }}``.
    """
    known = tuple(updates)
    pages = {"docs/index.md": _provider_page(name, provider, sources)}
    for type_name, schema in resources.items():
        pages[f"docs/resources/{short_name(type_name)}.md"] = _resource_page(name, type_name, schema, sources, known)
    for path, text in sources.items():
        if path.startswith("templates/guides/"):
            pages[path.replace("templates/", "docs/", 1).removesuffix(".tmpl")] = fill(text, {}, sources)
    return pages


def _provider_page(name: str, schema: Schema, sources: Mapping[str, str]) -> str:
    values = {
        "Title": f"{name} Provider",
        "Description": schema.description,
        "Example": _example(_PROVIDER_EXAMPLE, sources),
        "SchemaMarkdown": schema_section(schema, changes=False),
    }
    return fill(_FRONT + sources.get(_PROVIDER_TEMPLATE, _DEFAULT_PROVIDER), values, sources)


def _resource_page(
    name: str, type_name: str, schema: Schema, sources: Mapping[str, str], updates: Sequence[UpdateRow]
) -> str:
    template = sources.get(f"templates/resources/{short_name(type_name)}.md.tmpl", _DEFAULT_RESOURCE)
    examples = f"examples/resources/{type_name}"
    values = {
        "Title": f"{type_name} Resource - terraform-provider-{name}",
        "Name": type_name,
        "Type": "Resource",
        "Description": schema.description,
        "Example": _example(f"{examples}/resource.tf", sources),
        "SchemaMarkdown": schema_section(schema, changes=True),
        "UpdateTable": update_table(schema, updates, short_name(type_name)),
        "Import": _import_section(examples, sources),
    }
    return fill(_FRONT + template, values, sources)


def _example(path: str, sources: Mapping[str, str]) -> str:
    return "## Example Usage\n\n" + fill(f'{{{{ tffile "{path}" }}}}', {}, sources).rstrip()


def _import_section(folder: str, sources: Mapping[str, str]) -> str:
    block, command = f"{folder}/import-by-string-id.tf", f"{folder}/import.sh"
    parts = ["## Import"]
    if block in sources:
        parts += ["With an `import` block (Terraform 1.5 and later):", f'{{{{ tffile "{block}" }}}}']
    if command in sources:
        parts += ["With the command:", f'{{{{ codefile "shell" "{command}" }}}}']
    return fill("\n\n".join(parts), {}, sources).rstrip()
