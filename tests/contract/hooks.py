"""Who asks, and which answers are taken although a check says no: what scripts/fuzz adds to schemathesis.

It holds no expectation of its own: accepted.toml does, with reasons (acceptance.py reads it).
"""

import json
import os
import re
import zlib
from functools import cache
from pathlib import Path
from urllib.request import Request, urlopen

import acceptance
import schemathesis
import schemathesis.cli
from schemathesis.engine.events import ScenarioFinished
from schemathesis.engine.run import PhaseName
from schemathesis.generation.meta import TestPhase

HERE = Path(__file__).parent

# Which key may do what the recorder's may not; everything else is asked with the recorder's.
KEYS = {
    "admin": ["create_api_key", "revoke_api_key"],
    "auditor": ["list_api_keys", "get_api_key", "list_access_entries", "get_access_entry"],
    "approver": ["confirm_review", "reject_review"],
}
RECORDER = os.environ.get("FUZZ_RECORDER", "approver")

# Nobody's: what a request says instead that would revoke a key that signs in here, after which every answer were 401.
NOBODY = "0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77"


def operation_id(operation):
    return operation.definition.raw["operationId"]


@schemathesis.auth(refresh_interval=None)
class Key:
    def get(self, case, context):
        asked = operation_id(context.operation)
        role = next((role for role, ids in KEYS.items() if asked in ids), RECORDER)
        return os.environ[f"FUZZ_KEY_{role.upper()}"]

    def set(self, case, key, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {key}"}


@schemathesis.hook
def before_call(context, case, kwargs):
    if operation_id(case.operation) == "revoke_api_key" and isinstance(case.path_parameters, dict):
        if str(case.path_parameters.get("id")).lower() in keys_in_use():
            case.path_parameters["id"] = NOBODY
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    mend_headers(case)
    chance = zlib.crc32(json.dumps([case.path_parameters, case.query, case.body], default=str).encode())
    follows = case.meta.phase.name is TestPhase.STATEFUL
    if follows:
        mend_path(case, chance)
    for part in ("body", "query"):
        value = getattr(case, part)
        if isinstance(value, dict):
            examples = examples_of(operation_id(case.operation)) if part == "body" and follows else []
            if examples and chance % 4:
                # What is made of nothing but the schema is seldom a history that can be; a record that was made by an
                # example can be read, changed and ended.
                value = examples[chance // 4 % len(examples)]
                (case.headers or {}).pop("Idempotency-Key", None)
            value = with_real_ids(value, chance)
            # One in sixteen stays as it is: that it is refused in the right way is a part of the contract too.
            if part == "body" and chance % 16:
                value = with_one_subject(operation_id(case.operation), value, chance)
            setattr(case, part, value)


# The path parameters of records that are there, by the path's words up to the last parameter.
known = {}


def words_of(path):
    """`designations/reasons`, and how many segments lead to the record, of `/v1/designations/{id}/reasons/{reason_id}`."""
    segments = path.split("/")[2:]
    last = max((index for index, segment in enumerate(segments) if segment.startswith("{")), default=-1)
    record = segments[: last + 1]
    return "/".join(segment for segment in record if not segment.startswith("{")), record


def mend_path(case, chance):
    """Starts a walk at a record that is there; where a link led to one, it stays."""
    words, record = words_of(case.operation.path)
    if not record or words == "api-keys":
        return
    if words not in known and "/" not in words and record[-1] == "{id}" and words in set(LISTS.values()):
        known[words] = [{"id": each} for each in ids_of(words)]
    there = known.get(words, [])
    if there and chance % 8 and case.path_parameters not in there:
        case.path_parameters = dict(there[chance // 8 % len(there)])
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = "*"


@schemathesis.hook
def after_call(context, case, response):
    for location in response.headers.get("location") or []:
        segments = location.split("/")[2:]
        values = segments[1::2]
        names = ["id", "reason_id"]
        known.setdefault("/".join(segments[::2]), []).append(dict(zip(names, values)))


def mend_headers(case):
    """A fault of schemathesis: its longest text of a header with a pattern is made of zeros, whatever the pattern says."""
    for parameter in case.operation.headers:
        value = (case.headers or {}).get(parameter.name)
        pattern = parameter.definition["schema"].get("pattern")
        if isinstance(value, str) and pattern and not re.search(pattern, value):
            case.headers[parameter.name] = f'"{value[2:]}"'


@cache
def examples_of(asked):
    """The examples that the document has of an operation's body."""
    document = fetch("/openapi.json")

    def resolved(schema):
        if "$ref" in schema:
            found = document
            for name in schema["$ref"].split("/")[1:]:
                found = found[name]
            return found
        return schema

    found = []
    for item in document["paths"].values():
        for operation in item.values():
            if operation["operationId"] == asked and "requestBody" in operation:
                for media in operation["requestBody"]["content"].values():
                    schema = resolved(media["schema"])
                    for one in [media, schema, *(resolved(form) for form in schema.get("oneOf", []))]:
                        found += [one["example"]] if "example" in one else []
                        of_one = one.get("examples", [])
                        found += [each["value"] for each in of_one.values()] if isinstance(of_one, dict) else of_one
    return [example for example in found if isinstance(example, dict)]


# Where the ids come from that a request names beside the one in its path: an invented one is refused as unknown before
# anything else is looked at.
LISTS = {
    "vendor_id": "vendors",
    "regime_id": "regimes",
    "authority_id": "authorities",
    "agencies": "authorities",
    "designation_id": "designations",
    "successor_id": "designations",
}


def with_real_ids(value, chance, name=None):
    """The value with ids that are there, but for one value in four, which stays as it is."""
    if isinstance(value, dict):
        return {name: with_real_ids(inner, chance, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_real_ids(inner, chance + index, name) for index, inner in enumerate(value)]
    if name in LISTS and isinstance(value, str) and chance % 4:
        ids = ids_of(LISTS[name])
        return value if value in ids else ids[chance % len(ids)]
    return value


def with_one_subject(asked, body, chance):
    """The body with exactly one way to say who is meant: whatever has both or none is refused before the rest is looked at."""
    if asked == "create_designation":
        if isinstance(body.get("event"), dict):
            # The next thing that nearly all would end at: the first event has nothing to correct.
            body = {**body, "event": {name: value for name, value in body["event"].items() if name != "corrects"}}
        return of_one_kind(body, ("category",), {"vendor_id": ids_of("vendors")[chance % len(ids_of("vendors"))]}, chance)
    if asked in ("check_standing", "export_standing_checks") and isinstance(body.get("vendors"), list):
        real = ids_of("vendors")
        vendors = [
            of_one_kind(each, ("scheme", "value"), {"vendor_id": real[(chance + index) % len(real)]}, chance + index)
            if isinstance(each, dict)
            else each
            for index, each in enumerate(body["vendors"])
        ]
        return {**body, "vendors": vendors}
    return body


def of_one_kind(fields, others, vendor, chance):
    """Fields that name either a vendor by its id or something else by other fields, which are kept where they are whole."""
    whole = all(fields.get(name) is not None for name in others)
    if whole and (chance % 2 or fields.get("vendor_id") is None):
        return {name: value for name, value in fields.items() if name != "vendor_id"}
    kept = {name: value for name, value in fields.items() if name not in others}
    return kept if kept.get("vendor_id") is not None else {**kept, **vendor}


@cache
def keys_in_use():
    return set(ids_of("api-keys"))


@cache
def ids_of(records):
    return [record["id"] for record in fetch(f"/v1/{records}?limit=500")["items"]]


def fetch(target):
    request = Request(os.environ["FUZZ_URL"] + target)
    request.add_header("Authorization", f"Bearer {os.environ['FUZZ_KEY_AUDITOR']}")
    with urlopen(request) as answer:
        return json.load(answer)


ACCEPTED = acceptance.read(HERE / "accepted.toml")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    problem = problem_of(response)
    answer = acceptance.Answer(
        checks=failure.checks,
        operation=operation_id(case.operation),
        path=case.operation.path,
        status=response.status_code,
        target_length=len(response.request.url),
        sent_headers={name.lower() for name in response.request.headers},
        code=problem.get("code"),
        errors=problem.get("errors") or [],
    )
    used = acceptance.taken_by(ACCEPTED, answer)
    if used:
        note({"entries": used, "asked": answer.operation, "errors": answer.errors})
    return not used


@schemathesis.cli.handler()
class Links(schemathesis.cli.EventHandler):
    """Notes every link of the document that a request came by."""

    def handle_event(self, context, event):
        if isinstance(event, ScenarioFinished) and event.phase is PhaseName.STATEFUL_TESTING:
            for node in event.recorder.cases.values():
                if node.transition is not None and node.is_transition_applied:
                    note({"link": node.transition.id})


def note(found):
    """Adds to what tests/contract/tally.py looks at when all is done."""
    with open(os.environ["FUZZ_NOTES"], "a") as notes:
        notes.write(json.dumps(found) + "\n")


def problem_of(response):
    try:
        problem = json.loads(response.content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
