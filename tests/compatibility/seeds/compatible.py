"""Changes that break nobody: to call one of them breaking is a false alarm."""

from __future__ import annotations

import copy

from .operations import announced_for, remove
from .requests import reorder_fields
from .responses import answer, examples
from .seed import JSON, add_parameter, field, harmless, operation, own_parameter, place, schema
from .unions import add_variant, loose_union, remove_variant


def reorder(node: JSON, fields: bool = False) -> JSON:
    """Every key but the fields of a schema, whose order generated constructors go by."""
    if isinstance(node, dict):
        return {key: reorder(node[key], key == "properties") for key in (node if fields else reversed(node))}
    return [reorder(value) for value in node] if isinstance(node, list) else node


def reworded(node: JSON) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("description", "summary") and isinstance(value, str):
                node[key] = value + " Said anew."
            else:
                reworded(value)
    elif isinstance(node, list):
        for value in node:
            reworded(value)


def open_verdict(document: JSON) -> None:
    schema(document, "Verdict")["x-open-enum"] = True


def two_ways_in(document: JSON) -> None:
    operation(document, "list_vendors")["security"].append({"basic": []})


@harmless()
def every_description_and_summary_is_reworded(document: JSON) -> None:
    reworded(document["paths"])
    reworded(document["components"])


@harmless()
def every_key_is_in_another_order(document: JSON) -> None:
    turned = reorder(document)
    document.clear()
    document.update(turned)


@harmless()
def words_variants_and_the_list_of_required_fields_are_in_another_order(document: JSON) -> None:
    schema(document, "Vendor")["required"].reverse()
    schema(document, "VendorCreate")["required"].reverse()
    schema(document, "VendorKind")["enum"].reverse()
    schema(document, "EventCreate")["oneOf"].reverse()


@harmless()
def another_example_is_given(document: JSON) -> None:
    field(document, "Vendor.country")["examples"] = ["DE"]


@harmless()
def the_version_is_another(document: JSON) -> None:
    document["info"]["version"] = "2.0.0"


@harmless()
def a_group_is_described_otherwise(document: JSON) -> None:
    document["tags"][0]["description"] = "Suppliers"
    document["tags"].reverse()


@harmless()
def an_operation_is_in_a_second_group(document: JSON) -> None:
    operation(document, "get_vendor_standing")["tags"].append("More")


@harmless()
def an_operation_is_new(document: JSON) -> None:
    path, method = place(document, "get_vendor")
    added = copy.deepcopy(document["paths"][path][method])
    added["operationId"] = "get_vendor_summary"
    document["paths"][path + "/summary"] = {"get": added}


@harmless()
def an_operation_is_deprecated(document: JSON) -> None:
    operation(document, "get_vendor_standing").update({"deprecated": True, "x-sunset": "2031-01-01"})


@harmless(prepare=announced_for("2026-07-01"))
def an_end_that_was_announced_in_time_is_near(document: JSON) -> None:
    operation(document, "get_vendor_standing")["description"] = "Ask check_standing."


@harmless()
def a_day_is_stated_for_what_is_not_deprecated(document: JSON) -> None:
    operation(document, "get_vendor_standing")["x-sunset"] = "2020-01-01"


@harmless(prepare=announced_for("2026-06-14"))
def an_operation_is_gone_after_its_last_day(document: JSON) -> None:
    remove(document, "get_vendor_standing")


@harmless(prepare=announced_for("2027-01-01"))
def a_last_day_is_put_off(document: JSON) -> None:
    operation(document, "get_vendor_standing")["x-sunset"] = "2028-01-01"


@harmless(
    prepare=lambda document: operation(document, "get_journal_entry").update(
        {"deprecated": True, "x-sunset": "2020-01-01"}
    )
)
def the_classes_of_an_operation_go_with_it_after_its_last_day(document: JSON) -> None:
    remove(document, "get_journal_entry")


@harmless()
def a_new_parameter_may_be_given(document: JSON) -> None:
    add_parameter(document, "list_vendors", name="owner")


@harmless()
def a_new_header_may_be_sent(document: JSON) -> None:
    add_parameter(document, "get_vendor", name="Accept-Language", **{"in": "header"})


@harmless()
def a_header_need_not_be_sent(document: JSON) -> None:
    document["components"]["parameters"]["IfMatch"]["required"] = False


@harmless()
def a_parameter_of_its_own_becomes_a_shared_one(document: JSON) -> None:
    node = operation(document, "list_vendors")["parameters"]
    index = next(index for index, parameter in enumerate(node) if parameter.get("name") == "cursor")
    document["components"]["parameters"]["Cursor"] = node[index]
    node[index] = {"$ref": "#/components/parameters/Cursor"}


@harmless()
def what_is_the_rule_is_written_down(document: JSON) -> None:
    own_parameter(document, "list_vendors", "country").update({"style": "form", "explode": True})
    own_parameter(document, "list_vendors", "name")["schema"]["minLength"] = 1


@harmless()
def a_header_has_other_capitals(document: JSON) -> None:
    document["components"]["parameters"]["IfMatch"]["name"] = "if-match"


@harmless()
def a_page_may_be_asked_to_be_longer(document: JSON) -> None:
    own_parameter(document, "list_vendors", "limit")["schema"]["maximum"] = 1000


@harmless()
def a_field_may_be_longer_when_sent(document: JSON) -> None:
    field(document, "VendorCreate.legal_name")["maxLength"] = 1000


@harmless()
def a_limit_of_what_is_sent_is_gone(document: JSON) -> None:
    del field(document, "VendorCreate.names")["maxItems"]


@harmless()
def a_pattern_of_what_is_sent_is_gone(document: JSON) -> None:
    del field(document, "VendorCreate.website")["pattern"]


@harmless()
def a_new_field_may_be_sent(document: JSON) -> None:
    schema(document, "VendorCreate")["properties"]["owner"] = {"type": ["string", "null"], "maxLength": 100}


@harmless()
def a_field_need_not_be_sent(document: JSON) -> None:
    schema(document, "VendorCreate")["required"].remove("kind")


@harmless()
def null_may_be_sent(document: JSON) -> None:
    field(document, "VendorCreate.legal_name")["type"] = ["string", "null"]


@harmless()
def another_word_may_be_sent(document: JSON) -> None:
    schema(document, "VendorSort")["enum"].append("-legal_name")


@harmless()
def any_word_may_be_sent(document: JSON) -> None:
    del field(document, "VendorPatch.status")["const"]


@harmless()
def another_type_may_be_sent(document: JSON) -> None:
    field(document, "RegimeCreate.response_days")["type"] = ["integer", "string", "null"]


@harmless()
def a_body_may_come_as_another_media_type(document: JSON) -> None:
    content = operation(document, "create_vendor")["requestBody"]["content"]
    content["application/vnd.registry+json"] = copy.deepcopy(content["application/json"])


@harmless()
def a_body_may_be_left_out(document: JSON) -> None:
    operation(document, "reject_review")["requestBody"]["required"] = False


@harmless()
def a_body_may_be_sent_where_none_was(document: JSON) -> None:
    operation(document, "retire_vendor")["requestBody"] = {
        "content": {"application/json": {"schema": {"type": "object"}}}
    }


@harmless()
def an_event_of_a_new_kind_may_be_sent(document: JSON) -> None:
    add_variant(document, "EventCreate", "sealed", "SealedEventCreate", "NotedEventCreate")


@harmless(prepare=loose_union)
def another_form_may_be_sent(document: JSON) -> None:
    field(document, "VendorCreate.owner")["oneOf"].append({"type": "object"})


@harmless(prepare=loose_union)
def one_of_several_forms_no_longer_comes(document: JSON) -> None:
    field(document, "Vendor.owner")["oneOf"].pop()


@harmless(prepare=lambda document: add_variant(document, "Event", "sealed", "SealedEvent", "NotedEvent"))
def an_event_of_a_kind_no_longer_comes(document: JSON) -> None:
    remove_variant(document, "Event", "sealed")


@harmless()
def other_fields_are_taken(document: JSON) -> None:
    del schema(document, "VendorCreate")["additionalProperties"]


@harmless()
def an_answer_has_a_new_field(document: JSON) -> None:
    schema(document, "Vendor")["properties"]["owner"] = {"type": ["string", "null"]}


@harmless()
def an_answer_always_has_a_new_field(document: JSON) -> None:
    node = schema(document, "Vendor")
    node["properties"]["owner"] = {"type": "string"}
    node["required"].append("owner")


@harmless()
def an_answer_always_has_a_field_that_might_be_missing(document: JSON) -> None:
    node = schema(document, "StandingCheckItem")
    node["required"] = ["standing"]


@harmless()
def null_no_longer_comes(document: JSON) -> None:
    field(document, "Vendor.website")["type"] = "string"


@harmless()
def a_word_no_longer_comes(document: JSON) -> None:
    schema(document, "Verdict")["enum"].pop()


@harmless(prepare=open_verdict)
def a_word_is_new_where_that_was_announced(document: JSON) -> None:
    schema(document, "Verdict")["enum"].append("perhaps")


@harmless(prepare=open_verdict)
def an_open_enumeration_is_closed(document: JSON) -> None:
    schema(document, "Verdict")["x-open-enum"] = False


@harmless()
def an_enumeration_of_what_is_sent_may_grow(document: JSON) -> None:
    schema(document, "VendorSort")["x-open-enum"] = True


@harmless()
def what_comes_is_shorter(document: JSON) -> None:
    field(document, "Vendor.legal_name")["maxLength"] = 100


@harmless()
def what_comes_fits_a_pattern(document: JSON) -> None:
    field(document, "Standing.summary")["pattern"] = "^.+$"


@harmless()
def a_header_is_new(document: JSON) -> None:
    operation(document, "list_vendors")["responses"]["200"]["headers"]["Link"] = {"schema": {"type": "string"}}


@harmless()
def a_problem_has_a_new_status(document: JSON) -> None:
    operation(document, "get_vendor")["responses"]["410"] = copy.deepcopy(answer(document, "NotFound"))


@harmless()
def a_problem_has_a_new_code(document: JSON) -> None:
    kinds = examples(document, "Conflict")
    kinds["locked"] = copy.deepcopy(kinds["conflict"])
    kinds["locked"]["value"]["code"] = "locked"


@harmless()
def a_problem_no_longer_happens(document: JSON) -> None:
    del operation(document, "get_vendor")["responses"]["414"]


@harmless()
def a_list_also_comes_as_csv(document: JSON) -> None:
    operation(document, "list_vendors")["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}


@harmless()
def what_is_unchanged_is_not_sent_again(document: JSON) -> None:
    operation(document, "get_health")["responses"]["304"] = {"description": "Not modified"}


@harmless()
def an_answer_of_its_own_becomes_a_shared_one(document: JSON) -> None:
    answers = operation(document, "get_vendor")["responses"]
    document["components"]["responses"]["VendorAnswer"] = answers["200"]
    answers["200"] = {"$ref": "#/components/responses/VendorAnswer"}


@harmless()
def another_way_to_sign_in_is_there(document: JSON) -> None:
    two_ways_in(document)


@harmless()
def another_server_is_there(document: JSON) -> None:
    document["servers"].append({"url": "https://registry.example"})


@harmless()
def an_enumeration_is_written_as_constants_with_descriptions(document: JSON) -> None:
    node = schema(document, "VendorKind")
    node["oneOf"] = [{"const": value, "description": f"It is {value}."} for value in node.pop("enum")]


@harmless()
def or_null_is_written_in_another_way(document: JSON) -> None:
    node = schema(document, "Vendor")["properties"]
    node["description"] = {"oneOf": [{**node["description"], "type": "string"}, {"type": "null"}]}
    node["criticality"] = {"anyOf": list(reversed(node["criticality"]["oneOf"]))}
    node["website"]["type"].reverse()


@harmless()
def a_reference_stands_in_an_all_of(document: JSON) -> None:
    schema(document, "Vendor")["properties"]["kind"] = {
        "allOf": [{"$ref": "#/components/schemas/VendorKind"}],
        "description": "What it is",
    }


@harmless()
def a_class_is_new(document: JSON) -> None:
    document["components"]["schemas"]["Spare"] = {"type": "object", "properties": {"name": {"type": "string"}}}


@harmless()
def an_extension_says_something(document: JSON) -> None:
    schema(document, "Vendor")["x-owner"] = "compliance"
    operation(document, "list_vendors")["x-cost"] = 3


@harmless()
def an_end_is_announced_long_before(document: JSON) -> None:
    operation(document, "get_vendor_standing").update({"deprecated": True, "x-sunset": "2026-09-13"})


@harmless()
def a_new_parameter_stands_first(document: JSON) -> None:
    add_parameter(document, "list_vendors", name="later")
    parameters = operation(document, "list_vendors")["parameters"]
    parameters.insert(0, parameters.pop())


@harmless()
def optional_fields_and_those_of_answers_change_places(document: JSON) -> None:
    reorder_fields(document, "VendorCreate", "website", "tags")
    reorder_fields(document, "Vendor", "updated_at", "legal_name")


@harmless()
def a_new_field_stands_first(document: JSON) -> None:
    schema(document, "VendorCreate")["properties"]["alias"] = {"type": "string"}
    reorder_fields(document, "VendorCreate", "alias")


@harmless()
def a_new_parameter_has_a_default(document: JSON) -> None:
    add_parameter(document, "list_vendors", name="owner", schema={"type": "string", "default": "us"})


@harmless()
def the_default_of_what_is_always_sent_is_stated(document: JSON) -> None:
    own_parameter(document, "get_vendor", "id")["schema"]["default"] = "01890000-0000-7000-8000-000000000000"


@harmless()
def a_link_is_new(document: JSON) -> None:
    operation(document, "create_vendor")["responses"]["201"]["links"]["list_vendors"] = {"operationId": "list_vendors"}


@harmless()
def a_link_stands_where_it_leads(document: JSON) -> None:
    """A copy for a reference, said otherwise."""
    link = copy.deepcopy(document["components"]["links"]["get_vendor"])
    link["description"] = "Read it again."
    operation(document, "create_vendor")["responses"]["201"]["links"]["get_vendor"] = link


@harmless(prepare=announced_for("2026-06-14"))
def links_to_an_operation_go_with_it_after_its_last_day(document: JSON) -> None:
    remove(document, "get_vendor_standing")
    del operation(document, "create_vendor")["responses"]["201"]["links"]["get_vendor_standing"]


@harmless()
def values_and_their_names_change_places(document: JSON) -> None:
    node = schema(document, "JournalAction")
    node["enum"].reverse()
    node["x-enum-varnames"].reverse()


@harmless()
def a_value_that_no_longer_comes_takes_its_name_along(document: JSON) -> None:
    node = schema(document, "JournalAction")
    del node["enum"][3], node["x-enum-varnames"][3]


@harmless()
def a_new_value_has_a_name(document: JSON) -> None:
    node = schema(document, "VendorSort")
    node["enum"].append("-legal_name")
    node["x-enum-varnames"].append("LegalNameDescending")


@harmless()
def the_items_of_a_text_are_told(document: JSON) -> None:
    """For the first time."""
    operation(document, "export_vendors")["responses"]["200"]["content"]["text/csv"]["x-item-schema"] = {"type": "string"}
