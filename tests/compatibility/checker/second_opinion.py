"""specshift's opinion, beside the rules'.

Whatever specshift calls a break must have been looked at here: by a rule that breaks too, or by one that found it harmless
(specshift doesn't ask which way the data goes). What nothing here has looked at is a break, `second-opinion`: so a kind of
change that the rules forget doesn't pass unseen.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .changes import SAME, Change, Changes
from .documents import JSON, Document, DocumentError, Operation, escape
from .parameters import parameters_of
from .rules import Direction
from .shapes import shape_of

CHILD = Path(__file__).resolve().parent.parent / "specshift_child.py"
_OPERATION = re.compile(r"^([A-Z]+) (/\S*)((?: > .*)?)$")
_STEP = re.compile(
    r" > (?:parameter '(?P<parameter>[^']*)'|(?P<body>request body)|response (?P<status>\w+)|field '(?P<field>[^']*)')|(?P<items>\[\])"
)
# The rules that see a schema change as a whole.
_FORM = frozenset(
    {
        "class-renamed",
        "class-changed",
        "request-null-refused",
        "response-null-added",
        "request-variant-removed",
        "response-variant-added",
        "request-type-narrowed",
        "response-type-widened",
        "discriminator-changed",
        "response-media-removed",
        "request-media-removed",
    }
)
_QUOTED = re.compile(r"'([^']*)'")


class SecondOpinionError(Exception):
    """specshift could not be asked."""


@dataclass(frozen=True)
class Finding:
    location: str
    message: str
    category: str


class Specshift:
    """A process that compares, without an environment, a network or a way to write (see specshift_child.py)."""

    def __init__(self, python: Path) -> None:
        self._child = subprocess.Popen(
            [str(python), "-I", "-B", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={},
        )

    def __enter__(self) -> Specshift:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.communicate()

    def breaks(self, old: Document, new: Document) -> list[Finding]:
        assert self._child.stdin and self._child.stdout and self._child.stderr
        try:
            self._child.stdin.write(json.dumps({"old": old.root, "new": new.root}) + "\n")
            self._child.stdin.flush()
            answer = self._child.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise SecondOpinionError(f"specshift stopped: {self._child.stderr.read().strip()}")
        return [Finding(**finding) for finding in json.loads(answer)]


def weigh(findings: list[Finding], old: Document, new: Document, changes: Changes) -> list[Finding]:
    """Adds a break for each finding that nothing answers, and gives those that were found harmless."""
    dismissed: list[Finding] = []
    own = changes.all()
    for finding in findings:
        answers = _answers(finding, old, new, own)
        if not answers:
            changes.broken("second-opinion", finding.location, finding.message, finding.location)
        elif not any(change.breaking for change in answers):
            dismissed.append(finding)
    return dismissed


def _answers(finding: Finding, old: Document, new: Document, own: list[Change]) -> list[Change]:
    match = _OPERATION.match(finding.location)
    if not match:
        return _of_all(finding, old, own)
    method, path, steps = match.groups()
    for document in (old, new):
        operation = next(
            (found for found in document.operations() if (found.method, found.path) == (method.lower(), path)), None
        )
        if operation is None:
            continue
        answers = [change for change in own if _of_operation(change, operation, finding)]
        if finding.category == "schema":
            answers = [change for change in answers if change.text == SAME]
            try:
                place, above, direction = _places(document, operation, steps)
            except (DocumentError, KeyError, StopIteration):
                continue
            answers += [
                change
                for change in own
                if change.direction in (direction, Direction.BOTH)
                and (_under(change.pointer, place) or (change.pointer in above and _of_the_whole(change)))
            ]
        return answers
    return []


def _of_all(finding: Finding, old: Document, own: list[Change]) -> list[Change]:
    """Of a path, or of the whole document: each operation that it is about must have been looked at."""
    everywhere = finding.location.startswith("security")
    concerned = {
        operation.id
        for operation in old.operations()
        if operation.path == finding.location or (everywhere and "security" not in operation.node)
    }
    answers = [
        change
        for change in own
        if change.operations & concerned and (change.subject in concerned or change.rule == "parameter-renamed")
    ]
    met = {operation for change in answers for operation in change.operations}
    return answers if concerned and concerned <= met else []


def _of_operation(change: Change, operation: Operation, finding: Finding) -> bool:
    if operation.id not in change.operations:
        return False
    status = re.search(r" > response (\w+)", finding.location)
    if change.text == SAME and status and change.subject == f"{operation.id}.{status[1]}":
        return True
    quoted = _QUOTED.findall(finding.message)
    if finding.category in ("parameter", "response", "content_type") and quoted:
        subject, name = change.subject.lower(), quoted[0].lower()
        return subject == name or subject.endswith(f".{name}")
    if finding.category == "security":
        return change.pointer.endswith("/security")
    return change.subject == operation.id


def _under(pointer: str, places: set[str]) -> bool:
    """A variant is told where it stands, below the union that specshift names."""
    return any(pointer == place or pointer.startswith((f"{place}/oneOf/", f"{place}/anyOf/")) for place in places)


def _of_the_whole(change: Change) -> bool:
    """Whether a change of a schema changes its form, so that specshift loses sight of what is in it."""
    return change.text == SAME or change.rule in _FORM or "null" in change.text


def _places(document: Document, operation: Operation, steps: str) -> tuple[set[str], set[str], Direction]:
    """Where a finding is, and what lies above: specshift tells the way there, the rules tell the place."""
    node: JSON = None
    pointer, direction = "", Direction.REQUEST
    here: set[str] = set()
    above: set[str] = set()
    for kind, value in _steps(steps):
        above |= here
        if kind == "parameter":
            found = next(
                parameter for parameter in parameters_of(document, operation).values() if parameter.name == value
            )
            node, pointer = found.node.get("schema", True), f"{found.pointer}/schema"
        elif kind in ("body", "status"):
            direction = Direction.REQUEST if kind == "body" else Direction.RESPONSE
            holder = operation.node["requestBody"] if kind == "body" else operation.node["responses"][value]
            body, start = document.follow(
                holder, f"{operation.pointer}/" + ("requestBody" if kind == "body" else f"responses/{value}")
            )
            media = "application/json" if "application/json" in body["content"] else next(iter(body["content"]))
            node, pointer = body["content"][media]["schema"], f"{start}/content/{escape(media)}/schema"
            above.add(f"{start}/content/{escape(media)}")
        else:
            shape = shape_of(document, node, pointer)
            node = shape.keywords.get("items", True) if kind == "items" else shape.keywords["properties"][value]
            pointer = f"{shape.pointer}/items" if kind == "items" else f"{shape.pointer}/properties/{escape(value)}"
        here = {pointer, shape_of(document, node, pointer).pointer}
    return here, above, direction


def _steps(steps: str) -> Iterator[tuple[str, str]]:
    for match in _STEP.finditer(steps):
        kind = match.lastgroup
        if kind:
            yield kind, match.group(kind)
