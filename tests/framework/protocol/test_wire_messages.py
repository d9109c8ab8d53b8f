"""Our message table against protobuf stubs that somebody else generated, both ways."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpclib.health.v1 import health_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tf.gen import grpc_controller_pb2, grpc_stdio_pb2, tfplugin_pb2

from modelarts_provider.framework.protocol.codec import decode, encode
from modelarts_provider.framework.protocol.messages import message, names

# The stubs describe protocol 6.5. What came later, by our own reading of the protocol's change log:
LATER_FIELDS = {
    ("Schema.Attribute", "write_only"),  # 6.8
    ("ValidateResourceConfig.Request", "client_capabilities"),  # 6.8
    *((f"{call}.Request", "client_capabilities") for call in (
        "ConfigureProvider", "ReadResource", "PlanResourceChange", "ImportResourceState", "ReadDataSource",
    )),  # 6.6
    *((f"{call}.Response", "deferred") for call in (
        "ReadResource", "PlanResourceChange", "ImportResourceState", "ReadDataSource",
    )),  # 6.6
}  # fmt: skip
LATER_MESSAGES = {"ClientCapabilities", "Deferred"}

# What the stubs have and this provider neither sends nor reads: functions, provider_meta's schema, the state format of
# Terraform 0.11, and limits of nested attributes that the protocol has withdrawn.
UNUSED_FIELDS = {
    ("GetMetadata.Response", "functions"),
    ("GetProviderSchema.Response", "functions"),
    ("GetProviderSchema.Response", "provider_meta"),
    ("GetFunctions.Response", "functions"),
    ("CallFunction.Response", "error"),
    ("RawState", "flatmap"),
    ("Schema.Object", "min_items"),
    ("Schema.Object", "max_items"),
}

# go-plugin's broker, for which no installed package has stubs: providers only ever leave its stream open.
WITHOUT_STUBS = {"plugin.ConnInfo", "plugin.ConnInfo.Knock"}

KINDS = {
    FieldDescriptor.TYPE_STRING: "s",
    FieldDescriptor.TYPE_BYTES: "b",
    FieldDescriptor.TYPE_INT64: "i",
    FieldDescriptor.TYPE_ENUM: "i",
    FieldDescriptor.TYPE_BOOL: "o",
    FieldDescriptor.TYPE_MESSAGE: "m",
}


def _descriptors():
    found = {}

    def collect(descriptor, package):
        own_name = descriptor.full_name if package in ("plugin", "grpc.health.v1") else (
            descriptor.full_name.removeprefix(f"{package}.")
        )  # fmt: skip
        found[own_name] = descriptor
        for nested in descriptor.nested_types:
            collect(nested, package)

    for module in (tfplugin_pb2, grpc_controller_pb2, grpc_stdio_pb2, health_pb2):
        for descriptor in module.DESCRIPTOR.message_types_by_name.values():
            collect(descriptor, module.DESCRIPTOR.package)
    return found


DESCRIPTORS = _descriptors()
COMPARED = sorted(set(names()) & set(DESCRIPTORS))


def is_map(field) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def shape(field) -> str:
    if is_map(field):
        return "map"
    if field.label == FieldDescriptor.LABEL_REPEATED:
        return "list"
    return "optional" if field.containing_oneof else "one"


def described(field) -> tuple[int, str, str, str]:
    target = field.message_type.fields_by_name["value"].message_type if is_map(field) else field.message_type
    name = target.full_name.removeprefix("tfplugin6.") if target else ""
    return (field.number, KINDS[field.type], shape(field), name)


def test_every_message_is_compared_or_listed():
    assert set(names()) - set(DESCRIPTORS) == LATER_MESSAGES | WITHOUT_STUBS
    assert len(COMPARED) > 40


@pytest.mark.parametrize("name", COMPARED)
def test_names_numbers_and_kinds_agree(name):
    theirs = {field.name: described(field) for field in DESCRIPTORS[name].fields}
    ours = {field.name: (field.number, field.kind, field.shape, field.target) for field in message(name).fields}
    later = {field for owner, field in LATER_FIELDS if owner == name}
    unused = {field for owner, field in UNUSED_FIELDS if owner == name}
    assert ours.keys() - theirs.keys() == later
    assert theirs.keys() - ours.keys() == unused
    assert {field: ours[field] for field in ours.keys() - later} == {
        field: theirs[field] for field in theirs.keys() - unused
    }


SCALARS = {
    "s": st.text(max_size=20),
    "b": st.binary(max_size=20),
    "i": st.one_of(st.integers(0, 3), st.integers(-(2**63), 2**63 - 1)),
    "o": st.booleans(),
}


def values(name: str, depth: int = 0):
    """Dictionaries that fit a message, of fields that the stubs know, a few levels deep."""
    fields = {}
    for field in message(name).fields:
        if (name, field.name) in LATER_FIELDS or (field.kind == "m" and depth > 4):
            continue
        if DESCRIPTORS[name].fields_by_name[field.name].type == FieldDescriptor.TYPE_ENUM:
            fields[field.name] = st.integers(0, 3)
        elif field.kind != "m":
            fields[field.name] = SCALARS[field.kind]
        else:
            inner = st.deferred(lambda target=field.target: values(target, depth + 1))
            if field.shape == "list":
                fields[field.name] = st.lists(inner, max_size=2)
            elif field.shape == "map":
                fields[field.name] = st.dictionaries(st.text(max_size=5), inner, max_size=2)
            else:
                fields[field.name] = inner
    if name == "AttributePath.Step":  # a oneof: one of them is set
        return st.one_of(*(st.fixed_dictionaries({key: value}) for key, value in fields.items()))
    return st.fixed_dictionaries({}, optional=fields)


def filled(name: str, value):
    """The same with every field of the table, as decoding gives it."""
    result = {}
    for field in message(name).fields:
        given_value = value.get(field.name)
        if given_value is None:
            result[field.name] = field.absent()
        elif field.kind != "m":
            result[field.name] = given_value
        elif field.shape == "list":
            result[field.name] = [filled(field.target, each) for each in given_value]
        elif field.shape == "map":
            result[field.name] = {key: filled(field.target, each) for key, each in given_value.items()}
        else:
            result[field.name] = filled(field.target, given_value)
    return result


def as_theirs(name: str, value):
    made = GetMessageClass(DESCRIPTORS[name])()
    _fill(made, name, value)
    return made


def _fill(made, name: str, value) -> None:
    for key, item in value.items():
        field = message(name).by_name[key]
        if field.kind != "m":
            setattr(made, key, item)
        elif field.shape == "list":
            for each in item:
                _fill(getattr(made, key).add(), field.target, each)
        elif field.shape == "map":
            for entry, each in item.items():
                _fill(getattr(made, key)[entry], field.target, each)
        else:
            getattr(made, key).SetInParent()
            _fill(getattr(made, key), field.target, item)


@pytest.mark.parametrize("name", COMPARED)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_messages_mean_the_same_to_both(name, data):
    value = data.draw(values(name))
    theirs = as_theirs(name, value)
    assert type(theirs).FromString(encode(name, value)) == theirs
    assert decode(name, theirs.SerializeToString()) == filled(name, value)
    assert decode(name, encode(name, value)) == filled(name, value)
