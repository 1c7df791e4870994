"""Compares two documents: finds each operation again, and hands its parts to those who know them."""

from __future__ import annotations

from datetime import date, timedelta

from . import security
from .bodies import Bodies
from .changes import Change, Changes
from .documents import JSON, SCHEMAS, Document, Operation, escape
from .parameters import Parameters
from .rules import Direction
from .schemas import Schemas

SUNSET = "x-sunset"
# How long whoever calls an operation has, at least, from the release that announces its end.
NOTICE = timedelta(days=90)
_OPERATION = frozenset(
    {
        "operationId",
        "summary",
        "description",
        "tags",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "servers",
        "deprecated",
        "externalDocs",
    }
)
_PATH = frozenset(
    {
        "summary",
        "description",
        "parameters",
        "servers",
        "get",
        "put",
        "post",
        "delete",
        "options",
        "head",
        "patch",
        "trace",
    }
)
_ROOT = frozenset(
    {"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs", "jsonSchemaDialect"}
)


def compare(old: Document, new: Document, today: date, off: frozenset[str] = frozenset()) -> Changes:
    """Everything that differs between the released document and the one at hand."""
    changes = Changes(off)
    schemas = Schemas(old, new, changes)
    parameters, bodies = Parameters(schemas), Bodies(schemas)
    security.schemes(old, new, changes)
    kept: set[str] = set()
    pairs = _pairs(old, new)
    for one, two in pairs:
        if two is None:
            _removed(one, today, changes)
            continue
        kept.add(one.id)
        _identity(one, two, changes)
        _sunset(one, two, today, changes)
        security.requirements(old, new, one, two, changes)
        security.base_path(old, new, one, two, changes)
        parameters.compare(one, two)
        bodies.request(one, two)
        bodies.responses(one, two)
        _unknown(one.node, two.node, _OPERATION, one.id, one.pointer, changes)
        _unknown(one.item, two.item, _PATH, one.id, one.pointer.rsplit("/", 1)[0], changes)
    _added(pairs, new, today, changes)
    titles = [document.root.get("info", {}).get("title") for document in (old, new)]
    if titles[0] != titles[1]:
        changes.broken("document-renamed", "the document", f"was {titles[0]} and is {titles[1]}", "/info/title")
    _unknown(old.root, new.root, _ROOT, "the document", "/", changes)
    _classes(old, new, schemas, kept, changes)
    return changes


def _pairs(old: Document, new: Document) -> list[tuple[Operation, Operation | None]]:
    """Each old operation with the new one at its place, else with the one of its name."""
    news = list(new.operations())
    by_place = {(operation.template, operation.method): operation for operation in news}
    by_id = {operation.id: operation for operation in news}
    olds = list(old.operations())
    ids = {operation.id for operation in olds}
    pairs: list[tuple[Operation, Operation | None]] = []
    for one in olds:
        at_place, named = by_place.get((one.template, one.method)), by_id.get(one.id)
        # Where another old operation has taken the place, the name tells.
        if at_place and at_place.id != one.id and at_place.id in ids:
            at_place = None
        pairs.append((one, at_place or named))
    return pairs


def _removed(one: Operation, today: date, changes: Changes) -> None:
    stated = one.node.get(SUNSET)
    if one.node.get("deprecated") is True and stated is not None:
        last = _last_day(one)
        if last is not None and last < today:
            changes.harmless(
                one.id, f"is gone, as announced for {stated}", one.pointer, Direction.BOTH, operation=one.id
            )
            return
        reason = f"its last day is {stated}" if last else f"`{SUNSET}` is {stated!r}, which is no date"
        changes.broken("operation-removed", one.id, f"is gone too early: {reason}", one.pointer, operation=one.id)
        return
    changes.broken(
        "operation-removed", one.id, f"is gone: {one.method.upper()} {one.path}", one.pointer, operation=one.id
    )


def _identity(one: Operation, two: Operation, changes: Changes) -> None:
    if one.id != two.id:
        changes.broken("operation-renamed", one.id, f"is called {two.id} now", one.pointer, operation=one.id)
    if (one.template, one.method) != (two.template, two.method):
        changes.broken(
            "operation-moved",
            one.id,
            f"was {one.method.upper()} {one.path} and is {two.method.upper()} {two.path}",
            one.pointer,
            operation=one.id,
        )
    first = [(operation.node.get("tags") or [None])[0] for operation in (one, two)]
    if first[0] != first[1]:
        changes.broken(
            "operation-regrouped",
            one.id,
            f"was among {first[0] or 'no group'} and is among {first[1] or 'no group'}",
            one.pointer,
            operation=one.id,
        )


def _sunset(one: Operation, two: Operation, today: date, changes: Changes) -> None:
    was, now = _day(one.node.get(SUNSET)), _day(two.node.get(SUNSET))
    if was and now and now < was:
        changes.broken(
            "sunset-advanced",
            one.id,
            f"was to last until {was} and is to last until {now}",
            one.pointer,
            operation=one.id,
        )
    if _last_day(one) is None:
        _notice(two, one.id, today, changes)
    if bool(one.node.get("deprecated")) != bool(two.node.get("deprecated")):
        text = "is deprecated now" if two.node.get("deprecated") else "is no longer deprecated"
        changes.harmless(one.id, text, one.pointer, Direction.BOTH, operation=one.id)


def _notice(operation: Operation, subject: str, today: date, changes: Changes) -> None:
    """What is announced for the first time leaves clients their time; else an operation could go in two quick steps."""
    last = _last_day(operation)
    if last and last < today + NOTICE:
        changes.broken(
            "sunset-too-near",
            subject,
            f"is to last until {last}, which is less than {NOTICE.days} days",
            operation.pointer,
            operation=subject,
        )


def _last_day(operation: Operation) -> date | None:
    """The day after which an operation may go. It counts only where the operation is deprecated too."""
    return _day(operation.node.get(SUNSET)) if operation.node.get("deprecated") is True else None


def _day(stated: JSON) -> date | None:
    try:
        return date.fromisoformat(stated) if isinstance(stated, str) else None
    except ValueError:
        return None


def _unknown(one: JSON, two: JSON, understood: frozenset[str], subject: str, pointer: str, changes: Changes) -> None:
    for key in sorted((one.keys() | two.keys()) - understood):
        if not key.startswith("x-") and one.get(key) != two.get(key):
            changes.broken("not-understood", subject, f"`{key}` has changed", pointer)


def _added(pairs: list[tuple[Operation, Operation | None]], new: Document, today: date, changes: Changes) -> None:
    known = {two.pointer for _, two in pairs if two}
    for operation in new.operations():
        if operation.pointer not in known:
            changes.harmless(
                operation.id,
                f"is new: {operation.method.upper()} {operation.path}",
                operation.pointer,
                Direction.BOTH,
                operation=operation.id,
            )
            # Else one that is out for a day could go unannounced.
            _notice(operation, operation.id, today, changes)


def _classes(old: Document, new: Document, schemas: Schemas, kept: set[str], changes: Changes) -> None:
    """Named schemas that are gone; not those that went with the operations that alone led to them."""
    gone = sorted(old.schemas.keys() - new.schemas.keys() - schemas.renamed.keys())
    if not gone and not changes.all():
        return
    users = old.users()
    for name in gone:
        if users.get(name) and not users[name] & kept:
            continue
        changes.broken("class-removed", name, "is gone", f"{SCHEMAS}{escape(name)}")
    for change in changes.all():
        _who(change, users)


def _who(change: Change, users: dict[str, set[str]]) -> None:
    """Which operations lead to the schema that a change is of."""
    if change.pointer.startswith(SCHEMAS):
        change.operations |= users.get(change.pointer.removeprefix(SCHEMAS).split("/")[0], set())
