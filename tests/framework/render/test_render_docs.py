"""Registry pages: the layout of the registry's own generator, and every attribute on them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from modelarts_provider.framework.render.docs import render_docs, update_table
from modelarts_provider.framework.render.docs_schema import schema_section
from modelarts_provider.framework.render.pages import fill
from modelarts_provider.framework.schema.attributes import (
    LOCAL,
    REPLACE,
    Attribute,
    Nested,
    Nesting,
    Schema,
    in_place,
)
from modelarts_provider.framework.schema.types import BOOL, MapOf, SetOf
from modelarts_provider.framework.schema.types import STRING as TEXT
from modelarts_provider.framework.schema.validators import AtMost, Each, IPv4, Keys, Length, PublicIPv4
from modelarts_provider.provider_schema import SCHEMA as PROVIDER
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA as NOTEBOOK

SMALL = Schema(
    description="A thing.",
    attributes={
        "zone": Attribute(type=TEXT, description="Where.", optional=True, change=REPLACE),
        "name": Attribute(type=TEXT, description="Its name.", required=True, change=in_place("name")),
        "key": Attribute(type=TEXT, description="A key.", optional=True, sensitive=True, change=LOCAL),
        "old": Attribute(type=BOOL, description="Old.", optional=True, deprecated="use zone.", change=LOCAL),
        "kind": Attribute(
            type=TEXT, description="A kind.", optional=True, computed=True, default="A", change=in_place("name")
        ),
        "labels": Attribute(type=MapOf(TEXT), description="Labels.", computed=True),
        "access": Attribute(
            type=Nested(
                Nesting.MAP,
                {
                    "ips": Attribute(
                        type=SetOf(TEXT),
                        description="Addresses.",
                        optional=True,
                        change=in_place("name"),
                        validators=(AtMost(5), Each(IPv4())),
                        new_value_validators=(Each(Length(7, 15)), Keys(Length(1, 2)), Length(0, 9)),
                        advice=(Each(PublicIPv4()),),
                    ),
                    "id": Attribute(type=TEXT, description="An id.", optional=True, change=REPLACE),
                    "deep": Attribute(
                        type=Nested(
                            Nesting.SINGLE, {"uri": Attribute(type=TEXT, description="An address.", computed=True)}
                        ),
                        description="Deep.",
                        computed=True,
                    ),
                },
            ),
            description="Ways in.",
            optional=True,
            change=in_place("name"),
        ),
    },
)

EXPECTED = """\
## Schema

### Required

- `name` (String) Its name. Changes in place.

### Optional

- `access` (Attributes Map) Ways in. Some members change in place, others replace the instance: see each. \
(see [below for nested schema](#nestedatt--access))
- `key` (String, Sensitive) A key. A change makes no call.
- `kind` (String) A kind. Default: `A`. Changes in place.
- `old` (Boolean, Deprecated) Old. Deprecated: use zone. A change makes no call.
- `zone` (String) Where. A change replaces the instance.

### Read-Only

- `labels` (Map of String) Labels.

<a id="nestedatt--access"></a>
### Nested Schema for `access`

Optional:

- `id` (String) An id. A change replaces the instance.
- `ips` (Set of String) Addresses. Must have at most 5 elements. Each element must be an IPv4 address such as \
203.0.113.7. A new value must have at most 9 characters. Each new key must have 1 to 2 characters. Each new element must \
have 7 to 15 characters. Each element should be a public address. Changes in place.

Read-Only:

- `deep` (Attributes) Deep. (see [below for nested schema](#nestedatt--access--deep))

<a id="nestedatt--access--deep"></a>
### Nested Schema for `access.deep`

Read-Only:

- `uri` (String) An address."""

SOURCES = {
    "examples/provider/provider.tf": 'provider "acme" {}\n',
    "examples/resources/acme_thing/resource.tf": 'resource "acme_thing" "a" {}\n',
    "examples/resources/acme_thing/import.sh": "terraform import acme_thing.a 1\n",
    "templates/guides/move.md.tmpl": 'See:\n\n{{ tffile "examples/provider/provider.tf" }}\n',
}


def test_schema_section():
    assert schema_section(SMALL, changes=True) == EXPECTED


def test_provider_section_says_nothing_of_changes():
    assert "call." not in schema_section(PROVIDER, changes=False)


@dataclass(frozen=True)
class Row:
    attribute: str
    sent: str = "stopped"
    effect: str = "A restart."
    evidence: str = "The page."


def test_update_table_has_the_rows_of_existing_attributes():
    table = update_table(SMALL, [Row("access[*].ips"), Row("name (any)"), Row("not_yet.size")], "notebook")
    assert table.splitlines()[2:] == [
        "| `access[*].ips` | stopped | A restart. | The page. |",
        "| `name` (any) | stopped | A restart. | The page. |",
    ]


def test_pages_without_templates_have_the_generators_layout():
    pages = render_docs("modelarts", PROVIDER, {"acme_thing": SMALL}, SOURCES)
    assert sorted(pages) == ["docs/guides/move.md", "docs/index.md", "docs/resources/thing.md"]
    page = pages["docs/resources/thing.md"]
    parts = [
        '---\npage_title: "acme_thing Resource - terraform-provider-modelarts"\nsubcategory: ""\ndescription: |-\n  A thing.\n---',
        "# acme_thing (Resource)\n\nA thing.",
        '## Example Usage\n\n```terraform\nresource "acme_thing" "a" {}\n```',
        "## Schema",
        "## Import\n\nWith the command:\n\n```shell\nterraform import acme_thing.a 1\n```",
    ]
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert page.endswith("```\n")
    assert "{{" not in page
    assert pages["docs/guides/move.md"] == 'See:\n\n```terraform\nprovider "acme" {}\n```\n'


def test_template_replaces_the_page():
    sources = {**SOURCES, "templates/resources/thing.md.tmpl": "# {{ .Name }}\n\n{{ .UpdateTable }}\n\nProse.\n"}
    page = render_docs("modelarts", PROVIDER, {"acme_thing": SMALL}, sources, [Row("name")])["docs/resources/thing.md"]
    assert page.endswith("| `name` | stopped | A restart. | The page. |\n\nProse.\n")


@pytest.mark.parametrize("action", ["{{ .Nothing }}", '{{ tffile "no/such.tf" }}', "{{ range .All }}"])
def test_unknown_action_is_an_error(action):
    with pytest.raises(ValueError, match="the template has"):
        fill(f"text {action}", {"Name": "x"}, {})


def test_missing_example_is_an_error():
    with pytest.raises(ValueError, match=r"examples/resources/acme_thing/resource\.tf"):
        render_docs("modelarts", PROVIDER, {"acme_thing": SMALL}, {"examples/provider/provider.tf": ""})


def test_every_attribute_of_the_notebook_is_on_its_page():
    section = schema_section(NOTEBOOK, changes=True)
    for name in NOTEBOOK.attributes:
        assert f"\n- `{name}` (" in section
