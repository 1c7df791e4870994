"""What accepted.toml takes, and above all what it does not: run by scripts/fuzz before anything is asked."""

import tempfile
import unittest
from pathlib import Path

import acceptance
from acceptance import Answer

ENTRIES = acceptance.read(Path(__file__).parent / "accepted.toml")


def refused(operation, pointer, detail, error_code="invalid_value", **more):
    """A valid request's answer of 422 with one error."""
    error = {"pointer": pointer, "code": error_code, "detail": detail}
    answer = Answer(["positive_data_acceptance"], operation, "/v1/designations", 422, 100, set(), "invalid", [error])
    for name, value in more.items():
        setattr(answer, name, value)
    return answer


def taken(answer):
    return acceptance.taken_by(ENTRIES, answer) != []


class Acceptance(unittest.TestCase):
    def test_a_limit_that_no_document_has_is_never_taken(self):
        pointers = [
            "/note", "/sources", "/sources/0/title", "/event/note", "/details/case_number", "/event/details/case_number",
            "/details", "/details/dates", "/reasons", "/country", "/identifiers/0/jurisdiction", "/jurisdiction", "/title",
            "/corrects", "/scope_ids", "/event/type", "/known_at", "/identifiers/0", "/aliases/0", "identifier", "known_at",
        ]
        operations = ["create_designation", "record_event", "create_vendor", "update_vendor", "create_authority", "check_standing"]
        for limit in acceptance.LIMITS:
            for code in sorted(acceptance.SAYS_LITTLE):
                for pointer in pointers:
                    for operation in operations:
                        self.assertFalse(taken(refused(operation, pointer, limit, code)), (operation, pointer, code, limit))

    def test_what_a_history_does_not_allow_is_taken_in_its_own_words_alone(self):
        words = "names no earlier event of this designation"
        self.assertTrue(taken(refused("record_event", "/corrects", words)))
        self.assertFalse(taken(refused("record_event", "/corrects", words + " at all")))
        self.assertFalse(taken(refused("record_event", "/details/corrects", words)))
        self.assertFalse(taken(refused("update_vendor", "/corrects", words)))

    def test_one_error_that_nobody_names_spoils_the_answer(self):
        answer = refused("record_event", "/occurred_on", "must not lie after today", "in_the_future")
        self.assertTrue(taken(answer))
        answer.errors.append({"pointer": "/note", "code": "invalid_value", "detail": "must have at most 2000 characters"})
        self.assertFalse(taken(answer))

    def test_errors_of_one_answer_may_be_named_by_several_entries(self):
        answer = refused("create_vendor", "/country", "must be a country code of ISO 3166-1, like US or USA")
        answer.errors.append({"pointer": "/identifiers/1", "code": "invalid_value", "detail": "value must be an EIN of 9 digits"})
        self.assertEqual(len(acceptance.taken_by(ENTRIES, answer)), 2)

    def test_what_is_not_found_must_have_been_named_by_the_path(self):
        there = {"status": 404, "code": "not_found", "errors": []}
        self.assertTrue(taken(refused("get_vendor", "", "", path="/v1/vendors/{id}", **there)))
        self.assertFalse(taken(refused("list_vendors", "", "", path="/v1/vendors", **there)))

    def test_what_is_stale_must_have_been_sent_with_if_match(self):
        stale = {"status": 412, "code": "stale", "errors": []}
        self.assertTrue(taken(refused("update_vendor", "", "", sent_headers={"if-match"}, **stale)))
        self.assertFalse(taken(refused("update_vendor", "", "", **stale)))

    def test_a_conflict_is_taken_only_from_whom_it_belongs_to(self):
        conflict = {"status": 409, "code": "slug_taken", "errors": []}
        self.assertTrue(taken(refused("create_regime", "", "", **conflict)))
        self.assertFalse(taken(refused("create_vendor", "", "", **conflict)))

    def test_an_entry_that_would_take_a_limit_can_t_be_written(self):
        for error in [
            '{ code = "invalid_value", pointer = "/note" }',
            '{ code = "missing_field", pointer = "/note", detail = ".*" }',
            '{ code = "duplicate", pointer = "/note", detail = "must have .*" }',
        ]:
            with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(
                    '[[accepted]]\ncheck = "positive_data_acceptance"\noperations = ["*"]\nstatus = 422\n'
                    f'code = "invalid"\nerrors = [{error}]\nreason = "None."\n'
                )
                file.flush()
                with self.assertRaises(ValueError, msg=error):
                    acceptance.read(Path(file.name))


if __name__ == "__main__":
    unittest.main()
