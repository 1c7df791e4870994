"""Breaks of operations, of who may call them, and of where they are."""

from __future__ import annotations

from .seed import JSON, Edit, breaks, operation, place


def announced_for(day: str) -> Edit:
    def prepare(document: JSON) -> None:
        operation(document, "get_vendor_standing").update({"deprecated": True, "x-sunset": day})

    return prepare


def remove(document: JSON, operation_id: str) -> None:
    path, method = place(document, operation_id)
    del document["paths"][path][method]
    if not document["paths"][path]:
        del document["paths"][path]


@breaks("operation-removed")
def an_operation_is_gone(document: JSON) -> None:
    remove(document, "list_vendor_history")


@breaks("operation-removed")
def a_method_is_gone_and_its_path_stays(document: JSON) -> None:
    remove(document, "retire_vendor")


@breaks("operation-removed")
def a_path_with_all_its_methods_is_gone(document: JSON) -> None:
    path, _ = place(document, "get_regime")
    del document["paths"][path]


@breaks(
    "operation-removed",
    prepare=lambda document: operation(document, "get_vendor_standing").update({"deprecated": True}),
)
def a_deprecated_operation_without_a_last_day_is_gone(document: JSON) -> None:
    remove(document, "get_vendor_standing")


@breaks("operation-removed", prepare=announced_for("2031-01-01"))
def a_deprecated_operation_is_gone_before_its_last_day(document: JSON) -> None:
    remove(document, "get_vendor_standing")


@breaks("operation-removed", prepare=announced_for("2026-06-15"))
def a_deprecated_operation_is_gone_on_its_last_day(document: JSON) -> None:
    remove(document, "get_vendor_standing")


@breaks("operation-removed", prepare=announced_for("soon"))
def a_deprecated_operation_whose_last_day_is_no_date_is_gone(document: JSON) -> None:
    remove(document, "get_vendor_standing")


@breaks(
    "operation-removed",
    prepare=lambda document: operation(document, "get_vendor_standing").update({"x-sunset": "2020-01-01"}),
)
def an_operation_with_a_last_day_that_was_never_deprecated_is_gone(document: JSON) -> None:
    remove(document, "get_vendor_standing")


@breaks("sunset-advanced", prepare=announced_for("2031-01-01"))
def a_last_day_is_brought_forward(document: JSON) -> None:
    operation(document, "get_vendor_standing")["x-sunset"] = "2027-01-01"


@breaks("operation-renamed")
def an_operation_has_another_id(document: JSON) -> None:
    operation(document, "list_vendors")["operationId"] = "search_vendors"


@breaks("operation-renamed")
def two_operations_swap_their_names_with_new_ones(document: JSON) -> None:
    operation(document, "confirm_review")["operationId"] = "accept_review"
    operation(document, "reject_review")["operationId"] = "refuse_review"


@breaks("operation-renamed")
def an_operation_has_another_id_and_so_have_the_links_to_it(document: JSON) -> None:
    operation(document, "get_vendor")["operationId"] = "read_vendor"
    document["components"]["links"]["get_vendor"]["operationId"] = "read_vendor"


@breaks("operation-moved")
def an_operation_has_another_path(document: JSON) -> None:
    path, _ = place(document, "check_standing")
    document["paths"]["/v1/standings/checks"] = document["paths"].pop(path)


@breaks("operation-moved")
def an_operation_has_another_method(document: JSON) -> None:
    path, method = place(document, "confirm_review")
    document["paths"][path]["put"] = document["paths"][path].pop(method)


@breaks("operation-regrouped")
def an_operation_is_grouped_elsewhere(document: JSON) -> None:
    operation(document, "get_vendor_standing")["tags"] = ["Standing of vendors"]


@breaks("base-path-changed")
def the_server_has_another_base_path(document: JSON) -> None:
    document["servers"] = [{"url": "/api"}]


@breaks("base-path-changed")
def one_operation_has_a_server_of_its_own(document: JSON) -> None:
    operation(document, "list_vendors")["servers"] = [{"url": "/registry"}]


@breaks("security-dropped")
def an_operation_asks_for_no_sign_in(document: JSON) -> None:
    del operation(document, "list_access_entries")["security"]


@breaks("security-dropped")
def an_operation_states_that_it_asks_for_no_sign_in(document: JSON) -> None:
    operation(document, "create_api_key")["security"] = []


@breaks("security-dropped")
def an_operation_lets_people_sign_in_if_they_like(document: JSON) -> None:
    operation(document, "create_vendor")["security"].append({})


@breaks("security-tightened")
def an_open_operation_asks_for_sign_in(document: JSON) -> None:
    operation(document, "get_health")["security"] = [{"bearer": []}]


@breaks(
    "security-tightened", prepare=lambda document: operation(document, "list_vendors")["security"].append({"basic": []})
)
def one_of_two_ways_to_sign_in_is_gone(document: JSON) -> None:
    operation(document, "list_vendors")["security"].pop()


@breaks("security-tightened")
def a_scope_is_needed_that_was_not(document: JSON) -> None:
    operation(document, "list_vendors")["security"] = [{"bearer": [], "basic": []}]


@breaks("security-tightened")
def the_whole_document_asks_for_sign_in(document: JSON) -> None:
    document["security"] = [{"bearer": []}]


@breaks("security-scheme-changed")
def a_credential_is_shown_in_another_way(document: JSON) -> None:
    document["components"]["securitySchemes"]["bearer"] = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}


@breaks("not-understood")
def an_operation_calls_back(document: JSON) -> None:
    operation(document, "create_vendor")["callbacks"] = {"done": {"{$request.body#/url}": {"post": {"responses": {}}}}}


@breaks("sunset-too-near")
def an_end_is_announced_for_a_day_that_is_over(document: JSON) -> None:
    announced_for("2020-01-01")(document)


@breaks("sunset-too-near")
def an_end_is_announced_a_day_too_late(document: JSON) -> None:
    announced_for("2026-09-12")(document)


@breaks(
    "sunset-too-near",
    prepare=lambda document: operation(document, "get_vendor_standing").update({"deprecated": True}),
)
def a_deprecated_operation_gets_a_day_that_is_near(document: JSON) -> None:
    operation(document, "get_vendor_standing")["x-sunset"] = "2026-07-01"


@breaks(
    "sunset-too-near",
    prepare=lambda document: operation(document, "get_vendor_standing").update({"x-sunset": "2020-01-01"}),
)
def an_operation_whose_day_is_over_is_deprecated(document: JSON) -> None:
    operation(document, "get_vendor_standing")["deprecated"] = True


@breaks("sunset-too-near", prepare=announced_for("soon"))
def a_day_that_was_no_date_is_near(document: JSON) -> None:
    operation(document, "get_vendor_standing")["x-sunset"] = "2026-07-01"


@breaks("sunset-too-near")
def an_operation_is_new_and_about_to_go(document: JSON) -> None:
    path, method = place(document, "get_vendor")
    added = {**document["paths"][path][method], "operationId": "get_vendor_summary"}
    document["paths"][path + "/summary"] = {"get": {**added, "deprecated": True, "x-sunset": "2026-07-01"}}


@breaks("document-renamed")
def the_title_is_another(document: JSON) -> None:
    document["info"]["title"] = "Registry"
