"""Breaks of parameters."""

from __future__ import annotations

from .seed import JSON, add_parameter, breaks, operation, own_parameter, parameters_without, place


def shared(document: JSON, name: str) -> JSON:
    return document["components"]["parameters"][name]


@breaks("parameter-removed")
def a_filter_is_gone(document: JSON) -> None:
    parameters_without(document, "list_vendors", "country")


@breaks("parameter-removed")
def the_cursor_of_a_list_is_gone(document: JSON) -> None:
    parameters_without(document, "list_regimes", "cursor")


@breaks("parameter-removed")
def a_shared_header_is_no_longer_read(document: JSON) -> None:
    node = operation(document, "create_vendor")
    node["parameters"] = [
        parameter for parameter in node["parameters"] if not parameter.get("$ref", "").endswith("/IdempotencyKey")
    ]


@breaks("parameter-removed")
def a_filter_has_another_name(document: JSON) -> None:
    own_parameter(document, "list_vendors", "tag")["name"] = "label"


@breaks("parameter-renamed")
def a_parameter_of_the_path_has_another_name(document: JSON) -> None:
    path, _ = place(document, "get_journal_entry")
    own_parameter(document, "get_journal_entry", "seq")["name"] = "position"
    document["paths"][path.replace("{seq}", "{position}")] = document["paths"].pop(path)


@breaks("parameter-moved")
def a_filter_moves_from_the_query_to_a_header(document: JSON) -> None:
    own_parameter(document, "get_vendor", "known_at")["in"] = "header"


@breaks("parameter-added-required")
def a_new_filter_must_be_given(document: JSON) -> None:
    add_parameter(document, "list_vendors", name="organisation", required=True)


@breaks("parameter-added-required")
def a_new_header_must_be_sent(document: JSON) -> None:
    add_parameter(document, "create_vendor", name="X-Purpose", required=True, **{"in": "header"})


@breaks("parameter-required")
def a_filter_must_be_given(document: JSON) -> None:
    own_parameter(document, "list_vendors", "name")["required"] = True


@breaks("parameter-required")
def a_shared_header_must_be_sent(document: JSON) -> None:
    shared(document, "IdempotencyKey")["required"] = True


@breaks("parameter-required")
def an_operation_takes_the_strict_form_of_a_header(document: JSON) -> None:
    for node in operation(document, "record_event")["parameters"]:
        if node.get("$ref", "").endswith("/OptionalIfMatch"):
            node["$ref"] = "#/components/parameters/IfMatch"


@breaks("parameter-written-otherwise")
def a_list_is_written_with_commas(document: JSON) -> None:
    own_parameter(document, "list_vendors", "country")["explode"] = False


@breaks("parameter-written-otherwise")
def a_list_is_written_with_pipes(document: JSON) -> None:
    own_parameter(document, "list_vendors", "tag").update({"style": "pipeDelimited", "explode": True})


@breaks("parameter-written-otherwise")
def a_parameter_is_written_as_json(document: JSON) -> None:
    node = own_parameter(document, "list_vendors", "identifier")
    node["content"] = {"application/json": {"schema": node["schema"]}}


@breaks("default-changed")
def a_page_has_fewer_items_unless_asked(document: JSON) -> None:
    own_parameter(document, "list_vendors", "limit")["schema"]["default"] = 20


@breaks("default-changed")
def a_default_is_gone(document: JSON) -> None:
    del own_parameter(document, "list_designations", "limit")["schema"]["default"]


@breaks("parameter-default-added")
def a_filter_has_a_default(document: JSON) -> None:
    own_parameter(document, "list_vendors", "name")["schema"]["default"] = "acme"


@breaks("parameter-default-added")
def a_filter_of_listed_words_has_a_default(document: JSON) -> None:
    node = own_parameter(document, "list_vendors", "status")
    node["schema"] = {**node["schema"], "default": "active"}


@breaks("request-limit-narrowed")
def a_page_has_fewer_items_at_most(document: JSON) -> None:
    own_parameter(document, "list_vendors", "limit")["schema"]["maximum"] = 100


@breaks("request-limit-narrowed")
def a_search_takes_a_longer_word_at_least(document: JSON) -> None:
    own_parameter(document, "list_vendors", "name")["schema"]["minLength"] = 3


@breaks("request-limit-narrowed")
def a_filter_takes_fewer_values(document: JSON) -> None:
    own_parameter(document, "list_vendors", "country")["schema"]["maxItems"] = 10


@breaks("request-limit-narrowed")
def a_filter_takes_each_value_once(document: JSON) -> None:
    own_parameter(document, "list_vendors", "country")["schema"]["uniqueItems"] = True


@breaks("request-limit-narrowed")
def a_page_has_a_round_number_of_items(document: JSON) -> None:
    own_parameter(document, "list_vendors", "limit")["schema"]["multipleOf"] = 10


@breaks("request-limit-narrowed")
def a_bound_excludes_itself(document: JSON) -> None:
    node = own_parameter(document, "list_vendors", "limit")["schema"]
    node["exclusiveMinimum"] = node.pop("minimum")


@breaks("request-type-narrowed")
def a_list_of_filters_becomes_one(document: JSON) -> None:
    own_parameter(document, "list_vendors", "tag")["schema"] = {"type": "string", "maxLength": 100}


@breaks("request-value-removed", "class-changed")
def a_filter_takes_other_words(document: JSON) -> None:
    own_parameter(document, "list_vendors", "status")["schema"] = {"type": "string", "enum": ["active"]}


@breaks("request-value-removed")
def a_filter_takes_listed_words_only(document: JSON) -> None:
    own_parameter(document, "list_vendors", "name")["schema"]["enum"] = ["acme"]


@breaks("request-value-removed")
def an_order_is_gone(document: JSON) -> None:
    document["components"]["schemas"]["VendorSort"]["enum"].pop()


@breaks("request-pattern-changed")
def a_filter_must_fit_a_pattern(document: JSON) -> None:
    own_parameter(document, "list_vendors", "identifier")["schema"]["pattern"] = "^[a-z]+:.+$"


@breaks("request-pattern-changed")
def a_filter_must_fit_another_pattern(document: JSON) -> None:
    own_parameter(document, "list_vendors", "country")["schema"]["items"]["pattern"] = "^[A-Z]{2}$"


@breaks("format-changed")
def an_id_in_the_path_has_another_format(document: JSON) -> None:
    own_parameter(document, "get_vendor", "id")["schema"]["format"] = "ulid"


@breaks("not-understood")
def a_parameter_has_a_keyword_that_nobody_knows(document: JSON) -> None:
    own_parameter(document, "list_vendors", "name")["matching"] = "exact"


@breaks("parameter-order-changed")
def two_ids_of_a_path_change_places(document: JSON) -> None:
    operation(document, "get_reason")["parameters"].reverse()


@breaks("parameter-order-changed")
def an_optional_parameter_moves_to_the_end(document: JSON) -> None:
    parameters = operation(document, "list_vendors")["parameters"]
    parameters.append(parameters.pop(0))
