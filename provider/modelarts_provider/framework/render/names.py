"""How a schema's names become Python's, by rule: classes, arguments and attributes, collisions included."""

from __future__ import annotations

import keyword
from typing import Final

from modelarts_provider.framework.schema.attributes import Attribute

_LIBRARY_MEMBERS: Final = """
add_move_target add_override alias cdktf_stack connection count depends_on for_each fqn friendly_unique_id
get_any_map_attribute get_boolean_attribute get_boolean_map_attribute get_list_attribute get_number_attribute
get_number_list_attribute get_number_map_attribute get_string_attribute get_string_map_attribute has_resource_move
import_from interpolation_for_attribute is_construct is_terraform_data_source is_terraform_element is_terraform_provider
is_terraform_resource lifecycle meta_attributes move_from_id move_to move_to_id node override_logical_id provider
provisioners reset_override_logical_id terraform_generator_metadata terraform_meta_arguments terraform_provider_source
terraform_resource_type to_hcl_terraform to_metadata to_string to_terraform with_
"""
"""Public members of the CDK library's resources, data sources and providers; a test holds the list against the library."""

_OUR_MEMBERS: Final = "each generate_config_for_import inputs"
"""Public members of the constructs' own base classes; held by the same test."""

RESERVED: Final = frozenset(f"{_LIBRARY_MEMBERS} {_OUR_MEMBERS}".split())
"""Names that no property may have: the CDK library would call it in the place of its own member."""

RESERVED_ARGUMENTS: Final = frozenset({"self", "scope", "id", "meta", "source", "version"})
"""Names that a generated constructor has for itself."""


_IN_ANNOTATIONS: Final = frozenset({"bool", "dict", "float", "int", "list", "property", "str"})
"""Built-in names that a generated class body uses; a property of the name would hide the built-in there."""


def python_name(name: str, attribute: Attribute) -> str:
    """The name of an attribute in Python: its own, or with ``_attribute`` after it where that one is taken."""
    taken = name in RESERVED or (attribute.configurable and name in RESERVED_ARGUMENTS)
    return f"{name}_attribute" if taken else member_name(name)


def member_name(name: str) -> str:
    """The name of a nested attribute in Python, where only the language's own names are taken."""
    return f"{name}_attribute" if keyword.iskeyword(name) or name in _IN_ANNOTATIONS else name


def check_key(name: str, owner: str) -> None:
    """Refuse a name that a TypedDict can't have as a key.

    Raises:
        ValueError: the name is a keyword of Python.
    """
    if keyword.iskeyword(name):
        msg = f"{owner}: {name!r} is a keyword of Python and can't be the member of a TypedDict: name it differently"
        raise ValueError(msg)


def pascal(name: str) -> str:
    """``pre_start`` as ``PreStart``."""
    return "".join(word.capitalize() for word in name.split("_"))


def short_name(type_name: str) -> str:
    """The type of a resource without the provider's prefix: ``random_pet`` as ``pet``.

    Raises:
        ValueError: the type has no prefix.
    """
    prefix, _, rest = type_name.partition("_")
    if not prefix or not rest:
        msg = f"a resource type starts with the provider's name and an underscore, and {type_name!r} doesn't"
        raise ValueError(msg)
    return rest
