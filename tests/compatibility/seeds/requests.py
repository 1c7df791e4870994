"""Breaks of what clients send in bodies."""

from __future__ import annotations

from .seed import JSON, breaks, drop, field, operation, schema


def optional_body(document: JSON) -> None:
    operation(document, "reject_review")["requestBody"]["required"] = False


def a_map_of_notes(document: JSON) -> None:
    schema(document, "VendorCreate")["properties"]["notes"] = {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 100},
    }


def reorder_fields(document: JSON, name: str, *first: str) -> None:
    fields = schema(document, name)["properties"]
    schema(document, name)["properties"] = {**{field: fields[field] for field in first}, **fields}


def patch_body(document: JSON) -> JSON:
    return operation(document, "update_vendor")["requestBody"]


@breaks("body-removed")
def a_body_is_no_longer_taken(document: JSON) -> None:
    del operation(document, "reject_review")["requestBody"]


@breaks("body-required", prepare=optional_body)
def a_body_must_be_sent(document: JSON) -> None:
    operation(document, "reject_review")["requestBody"]["required"] = True


@breaks("body-required")
def a_new_body_must_be_sent(document: JSON) -> None:
    operation(document, "retire_vendor")["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "properties": {"why": {"type": "string"}}}}},
    }


@breaks("request-media-removed")
def a_patch_is_no_longer_taken_as_json(document: JSON) -> None:
    del patch_body(document)["content"]["application/json"]


@breaks("request-media-removed")
def a_patch_is_no_longer_taken_as_a_merge_patch(document: JSON) -> None:
    del patch_body(document)["content"]["application/merge-patch+json"]


@breaks("request-property-removed")
def a_field_is_no_longer_taken(document: JSON) -> None:
    drop(document, "VendorCreate.website")


@breaks("request-property-removed")
def a_field_deep_in_a_union_is_no_longer_taken(document: JSON) -> None:
    drop(document, "NotedEventCreate.note")


@breaks("request-property-removed")
def a_field_has_another_name(document: JSON) -> None:
    node = schema(document, "VendorPatch")
    node["properties"]["homepage"] = node["properties"].pop("website")


@breaks("request-property-removed")
def a_field_is_only_read(document: JSON) -> None:
    field(document, "VendorCreate.website")["readOnly"] = True


@breaks("request-property-required")
def a_field_must_be_sent(document: JSON) -> None:
    schema(document, "VendorCreate")["required"].append("country")


@breaks("request-property-required")
def a_new_field_must_be_sent(document: JSON) -> None:
    node = schema(document, "VendorCreate")
    node["properties"]["owner"] = {"type": "string"}
    node["required"].append("owner")


@breaks("request-property-required")
def a_field_deep_in_a_union_must_be_sent(document: JSON) -> None:
    node = schema(document, "StayedEventCreate")
    node["required"] = [*node.get("required", []), "published_on"]


@breaks("request-fields-reordered")
def required_fields_change_places(document: JSON) -> None:
    reorder_fields(document, "VendorCreate", "legal_name")


@breaks("request-fields-reordered")
def required_fields_of_an_event_change_places(document: JSON) -> None:
    node = schema(document, "NotedEventCreate")
    node["properties"] = dict(reversed(node["properties"].items()))


@breaks("request-object-closed", prepare=lambda document: schema(document, "VendorCreate").pop("additionalProperties"))
def other_fields_are_refused(document: JSON) -> None:
    schema(document, "VendorCreate")["additionalProperties"] = False


@breaks("request-object-closed", prepare=a_map_of_notes)
def a_map_takes_no_entries(document: JSON) -> None:
    field(document, "VendorCreate.notes")["additionalProperties"] = False


@breaks("request-type-narrowed", prepare=a_map_of_notes)
def a_map_takes_numbers_for_words(document: JSON) -> None:
    field(document, "VendorCreate.notes")["additionalProperties"]["type"] = "integer"


@breaks("request-limit-narrowed", prepare=a_map_of_notes)
def the_values_of_a_map_are_shorter(document: JSON) -> None:
    field(document, "VendorCreate.notes")["additionalProperties"]["maxLength"] = 50


@breaks("request-type-narrowed")
def a_word_becomes_a_number(document: JSON) -> None:
    field(document, "VendorCreate.legal_name")["type"] = "integer"


@breaks(
    "request-type-narrowed",
    prepare=lambda document: field(document, "RegimeCreate.response_days").update({"type": ["number", "null"]}),
)
def a_number_must_be_whole(document: JSON) -> None:
    field(document, "RegimeCreate.response_days")["type"] = ["integer", "null"]


@breaks("request-null-refused")
def null_is_no_longer_taken(document: JSON) -> None:
    field(document, "VendorCreate.website")["type"] = "string"


@breaks("request-null-refused")
def null_is_no_longer_taken_for_a_word_of_a_list(document: JSON) -> None:
    schema(document, "VendorPatch")["properties"]["criticality"] = {"$ref": "#/components/schemas/Criticality"}


@breaks("request-value-removed")
def a_word_is_no_longer_taken(document: JSON) -> None:
    field(document, "VendorPatch.status")["enum"] = []


@breaks("request-value-removed")
def a_word_used_both_ways_is_gone(document: JSON) -> None:
    schema(document, "VendorKind")["enum"].remove("vessel")


@breaks("request-limit-narrowed")
def a_text_may_be_shorter_at_most(document: JSON) -> None:
    field(document, "VendorCreate.legal_name")["maxLength"] = 200


@breaks("request-limit-narrowed")
def a_limit_stands_where_none_was(document: JSON) -> None:
    field(document, "RegimeCreate.response_days")["maximum"] = 5


@breaks("request-limit-narrowed")
def a_list_needs_an_entry(document: JSON) -> None:
    field(document, "VendorCreate.names")["minItems"] = 1


@breaks("request-limit-narrowed")
def an_object_needs_a_field(document: JSON) -> None:
    schema(document, "VendorPatch")["minProperties"] = 1


@breaks("request-limit-narrowed")
def a_batch_is_smaller(document: JSON) -> None:
    field(document, "StandingCheckCreate.vendors")["maxItems"] = 100


@breaks("request-pattern-changed")
def a_field_must_fit_another_pattern(document: JSON) -> None:
    field(document, "VendorCreate.website")["pattern"] = "^https://"


@breaks("format-changed")
def a_date_becomes_a_date_with_a_time(document: JSON) -> None:
    field(document, "NotedEventCreate.occurred_on")["format"] = "date-time"


@breaks("default-changed", prepare=lambda document: field(document, "VendorPatch.status").update({"default": "active"}))
def a_field_that_is_left_out_means_something_else(document: JSON) -> None:
    del field(document, "VendorPatch.status")["default"]


@breaks("not-understood")
def a_field_depends_on_another(document: JSON) -> None:
    schema(document, "VendorCreate")["dependentRequired"] = {"website": ["country"]}


@breaks("not-understood")
def something_is_excluded(document: JSON) -> None:
    field(document, "VendorCreate.legal_name")["not"] = {"pattern": "^test"}


@breaks("request-limit-narrowed", "request-property-removed")
def parts_that_must_all_hold_hold_less(document: JSON) -> None:
    node = schema(document, "AuthorityCreate")
    properties = {key: value for key, value in node["properties"].items() if key != "country"}
    name = properties.pop("name")
    document["components"]["schemas"]["AuthorityCreate"] = {
        "allOf": [
            {**node, "properties": properties},
            {"type": "object", "properties": {"name": {**name, "maxLength": 5}}},
        ]
    }
