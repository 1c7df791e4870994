"""Breaks of unions and of the names of classes."""

from __future__ import annotations

import copy

from .seed import JSON, breaks, field, operation, rename_schema, schema


def variant(document: JSON, union: str, value: str) -> str:
    return str(schema(document, union)["discriminator"]["mapping"][value])


def remove_variant(document: JSON, union: str, value: str) -> None:
    node = schema(document, union)
    reference = node["discriminator"]["mapping"].pop(value)
    node["oneOf"] = [part for part in node["oneOf"] if part["$ref"] != reference]


def add_variant(document: JSON, union: str, value: str, name: str, of: str) -> None:
    document["components"]["schemas"][name] = copy.deepcopy(document["components"]["schemas"][of])
    node = schema(document, union)
    node["discriminator"]["mapping"][value] = f"#/components/schemas/{name}"
    node["oneOf"].append({"$ref": f"#/components/schemas/{name}"})


def loose_union(document: JSON) -> None:
    schema(document, "VendorCreate")["properties"]["owner"] = {
        "oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]
    }
    schema(document, "Vendor")["properties"]["owner"] = {"oneOf": [{"type": "string"}, {"type": "integer"}]}


def named_text(document: JSON) -> None:
    document["components"]["schemas"]["Text"] = {"type": "string"}
    schema(document, "Vendor")["properties"]["text"] = {"$ref": "#/components/schemas/Text"}


@breaks("request-variant-removed")
def a_kind_of_event_is_no_longer_taken(document: JSON) -> None:
    remove_variant(document, "EventCreate", "noted")


@breaks("request-variant-removed", prepare=loose_union)
def one_of_several_forms_is_no_longer_taken(document: JSON) -> None:
    field(document, "VendorCreate.owner")["oneOf"].pop()


@breaks("request-variant-removed", prepare=loose_union)
def one_form_is_left_of_several(document: JSON) -> None:
    schema(document, "VendorCreate")["properties"]["owner"] = {"type": "string"}


@breaks("response-variant-added", prepare=loose_union)
def an_answer_has_another_form(document: JSON) -> None:
    field(document, "Vendor.owner")["oneOf"].append({"type": "object"})


@breaks("response-variant-added")
def a_text_may_come_as_a_record(document: JSON) -> None:
    node = schema(document, "Vendor")["properties"]
    node["legal_name"] = {"oneOf": [node["legal_name"], {"type": "object", "additionalProperties": True}]}


@breaks("response-variant-added")
def an_event_of_a_new_kind_comes(document: JSON) -> None:
    add_variant(document, "Event", "sealed", "SealedEvent", "NotedEvent")


@breaks("response-limit-widened")
def a_number_in_a_union_of_one_may_be_smaller(document: JSON) -> None:
    node = schema(document, "Standing")["properties"]["known_seq"]
    node["oneOf"] = [{"type": "integer", "format": node.pop("format"), "minimum": node.pop("minimum") - 1}]
    node.pop("type")


@breaks("discriminator-changed")
def events_are_told_apart_by_another_field(document: JSON) -> None:
    schema(document, "Event")["discriminator"]["propertyName"] = "kind"


@breaks("discriminator-changed")
def events_are_no_longer_told_apart(document: JSON) -> None:
    del schema(document, "EventCreate")["discriminator"]


@breaks("request-variant-removed")
def a_kind_of_event_is_told_by_another_word(document: JSON) -> None:
    mapping = schema(document, "EventCreate")["discriminator"]["mapping"]
    mapping["remark"] = mapping.pop("noted")


@breaks("class-changed")
def a_word_leads_to_another_variant(document: JSON) -> None:
    mapping = schema(document, "Event")["discriminator"]["mapping"]
    one = variant(document, "Event", "rescinded")
    # The same fields and the same words under another name: only the class is another.
    copied = copy.deepcopy(schema(document, one.rsplit("/", 1)[-1]))
    document["components"]["schemas"]["Rescission"] = copied
    mapping["rescinded"] = "#/components/schemas/Rescission"
    for part in schema(document, "Event")["oneOf"]:
        if part["$ref"] == one:
            part["$ref"] = mapping["rescinded"]


@breaks("class-renamed")
def a_record_has_another_name(document: JSON) -> None:
    rename_schema(document, "Vendor", "Supplier")


@breaks("class-renamed")
def a_page_has_another_name(document: JSON) -> None:
    rename_schema(document, "VendorPage", "PageOfVendors")


@breaks("class-renamed")
def an_enumeration_has_another_name(document: JSON) -> None:
    rename_schema(document, "VendorKind", "SupplierKind")


@breaks("class-renamed")
def a_variant_has_another_name(document: JSON) -> None:
    rename_schema(document, "NotedEventCreate", "NoteCreate")


@breaks("class-renamed")
def a_class_is_named_by_a_title(document: JSON) -> None:
    schema(document, "Vendor")["title"] = "Supplier"


@breaks("class-changed")
def an_answer_is_of_another_class(document: JSON) -> None:
    document["components"]["schemas"]["VendorDetail"] = copy.deepcopy(schema(document, "Vendor"))
    content = operation(document, "get_vendor")["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"$ref": "#/components/schemas/VendorDetail"}


@breaks("class-changed")
def a_named_record_is_written_out_where_it_is_used(document: JSON) -> None:
    node = schema(document, "Vendor")["properties"]
    node["names"]["items"] = copy.deepcopy(schema(document, "VendorName"))


@breaks("class-changed")
def a_record_that_was_written_out_gets_a_name(document: JSON) -> None:
    node = schema(document, "VendorPatch")["properties"]
    document["components"]["schemas"]["PatchedStatus"] = node["status"]
    node["status"] = {"$ref": "#/components/schemas/PatchedStatus"}


@breaks(
    "class-removed", prepare=lambda document: document["components"]["schemas"].update({"Spare": {"type": "object"}})
)
def a_class_that_nothing_leads_to_is_gone(document: JSON) -> None:
    del document["components"]["schemas"]["Spare"]


@breaks("class-removed", prepare=named_text)
def a_named_text_is_written_out(document: JSON) -> None:
    schema(document, "Vendor")["properties"]["text"] = document["components"]["schemas"].pop("Text")
