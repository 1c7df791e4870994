"""Breaks of what clients get: statuses, media types, headers, fields, values and problems."""

from __future__ import annotations

from .seed import JSON, breaks, drop, field, operation, schema


def answer(document: JSON, name: str) -> JSON:
    return document["components"]["responses"][name]


def examples(document: JSON, name: str) -> JSON:
    return answer(document, name)["content"]["application/problem+json"]["examples"]


def required_etag(document: JSON) -> None:
    document["components"]["headers"]["ETag"]["required"] = True


def closed(document: JSON) -> None:
    schema(document, "Authority")["additionalProperties"] = False


def a_map_of_counts(document: JSON) -> None:
    schema(document, "Vendor")["properties"]["counts"] = {"type": "object", "additionalProperties": {"type": "integer"}}


def csv(document: JSON) -> None:
    operation(document, "list_vendors")["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}


def listed_codes(document: JSON) -> None:
    field(document, "Problem.code")["enum"] = ["conflict", "not_found"]


@breaks("response-status-removed", "response-status-added")
def success_has_another_status(document: JSON) -> None:
    answers = operation(document, "create_vendor")["responses"]
    answers["200"] = answers.pop("201")


@breaks("response-status-removed")
def one_of_two_successes_is_gone(document: JSON) -> None:
    del operation(document, "update_reason")["responses"]["202"]


@breaks("response-status-removed")
def what_is_unchanged_is_sent_again(document: JSON) -> None:
    del operation(document, "list_vendors")["responses"]["304"]


@breaks("response-status-added")
def a_change_may_wait(document: JSON) -> None:
    answers = operation(document, "update_vendor")["responses"]
    answers["202"] = answers["200"]


@breaks("response-status-added")
def an_answer_may_be_elsewhere(document: JSON) -> None:
    operation(document, "get_vendor")["responses"]["307"] = {"description": "Elsewhere"}


@breaks("response-media-removed", prepare=csv)
def a_list_no_longer_comes_as_csv(document: JSON) -> None:
    del operation(document, "list_vendors")["responses"]["200"]["content"]["text/csv"]


@breaks("response-media-removed")
def an_answer_has_no_body(document: JSON) -> None:
    del operation(document, "update_vendor")["responses"]["200"]["content"]


@breaks("response-media-removed")
def problems_come_as_plain_json(document: JSON) -> None:
    content = answer(document, "TooLarge")["content"]
    content["application/json"] = content.pop("application/problem+json")


@breaks("response-header-removed")
def an_answer_has_no_etag(document: JSON) -> None:
    del operation(document, "get_vendor")["responses"]["200"]["headers"]["ETag"]


@breaks("response-header-removed")
def a_refusal_does_not_say_when_to_try_again(document: JSON) -> None:
    del answer(document, "TooManyRequests")["headers"]["Retry-After"]


@breaks("response-header-removed", prepare=required_etag)
def a_header_may_be_left_out(document: JSON) -> None:
    document["components"]["headers"]["ETag"]["required"] = False


@breaks("response-type-widened", "response-limit-widened")
def a_header_is_a_date_for_a_number(document: JSON) -> None:
    header = document["components"]["headers"]["RetryAfter"]["schema"]
    header["type"] = ["integer", "string"]
    del header["maximum"]


@breaks("response-property-removed")
def a_field_is_gone(document: JSON) -> None:
    drop(document, "Vendor.website")


@breaks("response-property-removed")
def a_field_of_a_page_is_gone(document: JSON) -> None:
    drop(document, "VendorPage.next_cursor")


@breaks("response-property-removed")
def a_field_of_a_problem_is_gone(document: JSON) -> None:
    drop(document, "Problem.request_id")


@breaks("response-property-removed")
def a_field_deep_in_a_union_is_gone(document: JSON) -> None:
    drop(document, "StayedEvent.recorded_at")


@breaks("response-property-removed")
def a_field_has_another_name_in_answers(document: JSON) -> None:
    node = schema(document, "Standing")
    node["properties"]["judgement"] = node["properties"].pop("verdict")
    node["required"] = ["judgement" if name == "verdict" else name for name in node["required"]]


@breaks("response-property-removed")
def a_field_is_only_written(document: JSON) -> None:
    field(document, "Vendor.website")["writeOnly"] = True


@breaks("response-property-optional")
def a_field_may_be_missing(document: JSON) -> None:
    schema(document, "Vendor")["required"].remove("status")


@breaks("response-property-optional")
def a_field_of_an_event_may_be_missing(document: JSON) -> None:
    schema(document, "NotedEvent")["required"].remove("occurred_on")


@breaks("response-null-added")
def a_field_may_be_null(document: JSON) -> None:
    node = field(document, "Vendor.legal_name")
    node["type"] = ["string", "null"]


@breaks("response-null-added")
def a_record_may_be_null(document: JSON) -> None:
    schema(document, "Standing")["properties"]["inputs"] = {
        "oneOf": [{"$ref": "#/components/schemas/StandingInputs"}, {"type": "null"}]
    }


@breaks("response-null-added")
def an_entry_of_a_list_may_be_null(document: JSON) -> None:
    field(document, "Vendor.tags")["items"]["type"] = ["string", "null"]


@breaks("response-type-widened")
def a_number_may_be_a_word(document: JSON) -> None:
    field(document, "Standing.known_seq")["type"] = ["integer", "string"]


@breaks("response-type-widened")
def a_whole_number_may_be_broken(document: JSON) -> None:
    field(document, "Standing.known_seq")["type"] = "number"


@breaks("response-type-widened")
def much_may_come(document: JSON) -> None:
    field(document, "Standing.vendor_known")["type"] = ["boolean", "string", "object"]


@breaks("response-value-added")
def a_verdict_is_new(document: JSON) -> None:
    schema(document, "Verdict")["enum"].append("perhaps")


@breaks("response-value-added")
def a_word_used_both_ways_is_new(document: JSON) -> None:
    schema(document, "VendorKind")["enum"].append("spacecraft")


@breaks("response-value-added", "class-changed")
def words_are_no_longer_listed(document: JSON) -> None:
    schema(document, "Standing")["properties"]["verdict"] = {"type": "string", "enum": ["any", "thing"]}


@breaks("response-value-added")
def any_word_may_come(document: JSON) -> None:
    del schema(document, "Verdict")["enum"]


@breaks("response-limit-widened")
def a_text_may_be_longer(document: JSON) -> None:
    field(document, "Vendor.legal_name")["maxLength"] = 5000


@breaks("response-limit-widened")
def a_number_may_be_negative(document: JSON) -> None:
    field(document, "Standing.known_seq")["minimum"] = -1


@breaks("response-limit-widened")
def a_page_may_be_longer(document: JSON) -> None:
    del field(document, "VendorPage.items")["maxItems"]


@breaks("response-pattern-changed")
def a_text_has_another_pattern(document: JSON) -> None:
    field(document, "Vendor.country")["pattern"] = "^[A-Z]{3}$"


@breaks("response-pattern-changed")
def a_text_has_no_pattern(document: JSON) -> None:
    del field(document, "Vendor.website")["pattern"]


@breaks("format-changed")
def an_instant_is_any_text(document: JSON) -> None:
    del field(document, "Vendor.created_at")["format"]


@breaks("response-object-opened", prepare=closed)
def a_closed_record_has_a_new_field(document: JSON) -> None:
    schema(document, "Authority")["properties"]["seat"] = {"type": "string"}


@breaks("response-object-opened", prepare=closed)
def a_closed_record_may_have_others(document: JSON) -> None:
    del schema(document, "Authority")["additionalProperties"]


@breaks("response-object-opened", prepare=a_map_of_counts)
def a_map_of_numbers_holds_anything(document: JSON) -> None:
    field(document, "Vendor.counts")["additionalProperties"] = True


@breaks("response-type-widened", prepare=a_map_of_counts)
def a_map_of_numbers_holds_words(document: JSON) -> None:
    field(document, "Vendor.counts")["additionalProperties"] = {"type": ["integer", "string"]}


@breaks("problem-code-removed")
def a_problem_has_another_code(document: JSON) -> None:
    kinds = examples(document, "Conflict")
    kinds["history_conflict"] = kinds.pop("illegal_event")
    kinds["history_conflict"]["value"]["code"] = "history_conflict"


@breaks("problem-code-removed")
def a_problem_is_no_longer_told(document: JSON) -> None:
    del examples(document, "Invalid")["idempotency_key_reused"]


@breaks("problem-code-removed", prepare=listed_codes)
def a_listed_code_is_gone(document: JSON) -> None:
    field(document, "Problem.code")["enum"] = ["conflict"]


@breaks("problem-code-moved")
def a_problem_has_another_status(document: JSON) -> None:
    kinds = examples(document, "Conflict")
    examples(document, "Invalid")["illegal_event"] = kinds.pop("illegal_event")


@breaks("not-understood")
def a_body_is_encoded_in_another_way(document: JSON) -> None:
    operation(document, "list_vendors")["responses"]["200"]["content"]["application/json"]["encoding"] = {
        "items": {"style": "form"}
    }


@breaks("response-values-opened")
def an_enumeration_may_get_other_values_from_now_on(document: JSON) -> None:
    schema(document, "Verdict")["x-open-enum"] = True


@breaks("response-values-opened", "response-value-added")
def an_enumeration_may_get_other_values_and_gets_one(document: JSON) -> None:
    schema(document, "Verdict").update({"x-open-enum": True, "enum": [*schema(document, "Verdict")["enum"], "perhaps"]})


@breaks("response-items-untold")
def the_lines_of_a_file_are_told_no_longer(document: JSON) -> None:
    del operation(document, "export_vendors")["responses"]["200"]["content"]["application/x-ndjson"]["x-item-schema"]


@breaks("response-type-widened")
def the_data_of_events_is_a_text(document: JSON) -> None:
    media = operation(document, "stream_journal_entries")["responses"]["200"]["content"]["text/event-stream"]
    media["x-item-schema"] = {"type": "string"}


def lines_of_their_own(document: JSON) -> None:
    content = operation(document, "export_vendors")["responses"]["200"]["content"]
    content["application/x-ndjson"]["x-item-schema"] = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "at": {"type": "string"}},
        "required": ["id", "at"],
    }


@breaks("response-property-removed", prepare=lines_of_their_own)
def a_line_has_lost_a_field(document: JSON) -> None:
    content = operation(document, "export_vendors")["responses"]["200"]["content"]
    del content["application/x-ndjson"]["x-item-schema"]["properties"]["at"]
    content["application/x-ndjson"]["x-item-schema"]["required"].remove("at")


@breaks("response-body-added")
def an_answer_without_a_body_has_one(document: JSON) -> None:
    operation(document, "remove_reason")["responses"]["204"]["content"] = {
        "application/json": {"schema": {"type": "object"}}
    }


def links(document: JSON, operation_id: str, status: str) -> JSON:
    return operation(document, operation_id)["responses"][status]["links"]


@breaks("response-link-removed")
def a_link_is_gone(document: JSON) -> None:
    del links(document, "create_vendor", "201")["get_vendor"]


@breaks("response-link-removed")
def an_answer_has_no_links(document: JSON) -> None:
    del operation(document, "get_review")["responses"]["200"]["links"]


@breaks("response-link-changed")
def a_link_leads_to_another_operation(document: JSON) -> None:
    document["components"]["links"]["get_vendor"]["operationId"] = "get_vendor_standing"


@breaks("response-link-changed")
def a_link_takes_its_value_from_elsewhere(document: JSON) -> None:
    document["components"]["links"]["get_vendor"]["parameters"]["path.id"] = "$response.body#/kind"


@breaks("response-link-changed")
def one_answer_has_a_link_of_its_own(document: JSON) -> None:
    links(document, "create_vendor", "201")["get_vendor"] = {"operationId": "list_vendors"}


@breaks("constant-renamed")
def a_constant_has_another_name(document: JSON) -> None:
    schema(document, "JournalAction")["x-enum-varnames"][0] = "VendorAdded"


@breaks("constant-renamed")
def constants_are_called_as_generators_like(document: JSON) -> None:
    del schema(document, "VendorSort")["x-enum-varnames"]


@breaks("constant-renamed")
def constants_get_names_where_generators_chose(document: JSON) -> None:
    node = schema(document, "VendorKind")
    node["x-enum-varnames"] = [f"Is{word}" for word in node["enum"]]


@breaks("constant-renamed")
def values_change_places_and_their_names_do_not(document: JSON) -> None:
    schema(document, "VendorSort")["enum"].reverse()
