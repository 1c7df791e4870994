"""Which answers are taken although a check of schemathesis says no: what accepted.toml names, and nothing else.

Every single error of an answer must be one that an entry names by code and pointer, and where the code says no more than
that something is wrong, by its words too: a limit that is enforced but stands in no document has the same code.
"""

import re
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

# What every form, length and pattern is refused with: without the words it would be taken for anything.
SAYS_LITTLE = {"invalid_value", "invalid_parameter", "missing_field", "duplicate"}
# Of what the document must say itself: no entry may take it.
LIMITS = [
    "must have at most 200 characters; it has 5000",
    "must have at most 50 items; it has 51",
    "must not be empty or only white space",
    "must not hold the control character U+0098; write it on one line",
    "must be lower-case letters, digits and single hyphens, at most 100, like us-10-usc-3252",
    "is required",
]
KEYS = {
    "check", "operations", "status", "code", "errors", "path_parameter", "sent_header", "target_longer_than", "reason", "rare",
}


@dataclass
class Answer:
    """What there is to know of an answer that a check found wrong."""

    checks: list[str]
    operation: str
    path: str
    status: int
    target_length: int
    sent_headers: set[str] = field(default_factory=set)
    code: str | None = None
    errors: list[dict[str, str]] = field(default_factory=list)


def read(file: Path) -> list[dict]:
    """The entries of a file, each of them precise enough."""
    entries = tomllib.loads(file.read_text())["accepted"]
    for entry in entries:
        name = entry.get("reason") or entry
        if unknown := entry.keys() - KEYS:
            raise ValueError(f"{name}: {unknown} mean nothing here")
        if not {"check", "operations", "status", "reason"} <= entry.keys():
            raise ValueError(f"{name}: check, operations, status and reason must be given")
        for error in entry.get("errors", []):
            if not {"code", "pointer"} <= error.keys() <= {"code", "pointer", "detail"}:
                raise ValueError(f"{name}: an error has code, pointer and perhaps detail")
            if error["code"] not in SAYS_LITTLE:
                continue
            if "detail" not in error:
                raise ValueError(f"{name}: {error['code']} at {error['pointer']} needs its words, as a detail")
            if taken := [limit for limit in LIMITS if re.fullmatch(error["detail"], limit)]:
                raise ValueError(f"{name}: {error['detail']} takes what the document must say: {taken[0]}")
    return entries


def taken_by(entries: list[dict], answer: Answer) -> list[int]:
    """The numbers of the entries that take an answer, each once; none where it is not taken."""
    fitting = [number for number, entry in enumerate(entries) if fits(entry, answer)]
    whole = [number for number in fitting if "errors" not in entries[number]]
    if whole:
        return whole[:1]
    used = []
    for error in answer.errors:
        naming = [number for number in fitting if any(names(named, error) for named in entries[number]["errors"])]
        if not naming:
            return []
        used.append(naming[0])
    return sorted(set(used))


def fits(entry: dict, answer: Answer) -> bool:
    """Whether all but the errors of an answer is as an entry says."""
    return (
        entry["check"] in answer.checks
        and entry["status"] == answer.status
        and any(fnmatchcase(answer.operation, pattern) for pattern in entry["operations"])
        and entry.get("code", answer.code) == answer.code
        and ("{" in answer.path or not entry.get("path_parameter", False))
        and ("sent_header" not in entry or entry["sent_header"].lower() in answer.sent_headers)
        and answer.target_length > entry.get("target_longer_than", 0)
    )


def names(named: dict[str, str], error: dict[str, str]) -> bool:
    return (
        named["code"] == error["code"]
        and re.fullmatch(named["pointer"], error["pointer"]) is not None
        and re.fullmatch(named.get("detail", ".*"), error["detail"], re.DOTALL) is not None
    )
