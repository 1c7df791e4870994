"""Compares what an operation takes and answers: bodies, media types, statuses, headers and the codes of problems."""

from __future__ import annotations

from .changes import SAME
from .documents import JSON, Document, Operation, escape, unescape
from .links import Links
from .rules import Direction
from .schemas import Schemas

_COMPONENT = "/components/responses/"
_SHARED_HEADERS = "/components/headers/"
# The schema of each item of a text that is many: OpenAPI 3.2's `itemSchema`.
ITEMS = "x-item-schema"
_MEDIA = frozenset({"schema", "example", "examples"})
# A client that sent no condition never gets it.
_ONLY_WHEN_ASKED = "304"


class Bodies:
    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.changes = schemas.changes
        self._answers: set[tuple[str, str]] = set()
        self.links = Links(schemas.old, schemas.new, schemas.changes)
        self._codes: set[str] | None = None

    def request(self, old: Operation, new: Operation) -> None:
        one, one_pointer = self.schemas.old.follow(old.node.get("requestBody"), f"{old.pointer}/requestBody")
        two, two_pointer = self.schemas.new.follow(new.node.get("requestBody"), f"{new.pointer}/requestBody")
        if not one and not two:
            return
        if not two:
            self.changes.broken("body-removed", old.id, "takes no body now", one_pointer, operation=old.id)
            return
        if two.get("required") is True and not (one and one.get("required") is True):
            self.changes.broken(
                "body-required", old.id, "needs a body now", one_pointer if one else two_pointer, operation=old.id
            )
        elif not one or one.get("required") != two.get("required"):
            self.changes.harmless(
                old.id, "takes a body that may be left out", two_pointer, Direction.REQUEST, operation=old.id
            )
        if one:
            self._media(old.id, one, one_pointer, two, two_pointer, Direction.REQUEST, old.id, {old.id})

    def responses(self, old: Operation, new: Operation) -> None:
        olds, news = old.node.get("responses", {}), new.node.get("responses", {})
        for status in sorted(olds.keys() | news.keys()):
            subject = f"{old.id}.{status}"
            pointer = f"{(old if status in olds else new).pointer}/responses/{status}"
            if status not in news:
                if status[0] in "23":
                    self.changes.broken(
                        "response-status-removed", subject, "is no longer answered", pointer, operation=old.id
                    )
                else:
                    self.changes.harmless(
                        subject, "is no longer answered", pointer, Direction.RESPONSE, operation=old.id
                    )
            elif status not in olds:
                if status[0] in "23" and status != _ONLY_WHEN_ASKED:
                    self.changes.broken("response-status-added", subject, "is a new answer", pointer, operation=old.id)
                else:
                    self.changes.harmless(subject, "is a new answer", pointer, Direction.RESPONSE, operation=old.id)
            else:
                self._response(
                    old,
                    status,
                    olds[status],
                    f"{old.pointer}/responses/{status}",
                    news[status],
                    f"{new.pointer}/responses/{status}",
                )
        self._problem_codes(old, olds, news)

    def _response(
        self, operation: Operation, status: str, old: JSON, old_pointer: str, new: JSON, new_pointer: str
    ) -> None:
        if ("$ref" in old) != ("$ref" in new):
            self.changes.harmless(
                f"{operation.id}.{status}", SAME, old_pointer, Direction.RESPONSE, operation=operation.id
            )
        one, old_pointer = self.schemas.old.follow(old, old_pointer)
        two, new_pointer = self.schemas.new.follow(new, new_pointer)
        if (old_pointer, new_pointer) in self._answers:
            return
        self._answers.add((old_pointer, new_pointer))
        shared = old_pointer == new_pointer and old_pointer.startswith(_COMPONENT)
        subject = unescape(old_pointer.removeprefix(_COMPONENT)) if shared else f"{operation.id}.{status}"
        users = set() if shared else {operation.id}
        if status[0] in "23" and two.get("content") and not one.get("content"):
            self.changes.broken("response-body-added", subject, "has a body now", new_pointer, operation=operation.id)
        self._media(subject, one, old_pointer, two, new_pointer, Direction.RESPONSE, subject, users)
        self.links.compare(subject, (one, old_pointer), (two, new_pointer), _any(users))
        self._headers(subject, one, old_pointer, two, new_pointer, users)

    def _media(
        self,
        name: str,
        one: JSON,
        one_pointer: str,
        two: JSON,
        two_pointer: str,
        direction: Direction,
        subject: str,
        users: set[str],
    ) -> None:
        olds, news = one.get("content", {}), two.get("content", {})
        rule = "request-media-removed" if direction is Direction.REQUEST else "response-media-removed"
        for media in sorted(olds.keys() | news.keys()):
            place = f"/content/{escape(media)}"
            if media not in news:
                self.changes.broken(rule, f"{name}.{media}", "is gone", one_pointer + place, operation=_any(users))
            elif media not in olds:
                self.changes.harmless(
                    f"{name}.{media}", "is new", two_pointer + place, direction, operation=_any(users)
                )
            else:
                self.schemas.compare(
                    olds[media].get("schema", True),
                    f"{one_pointer}{place}/schema",
                    news[media].get("schema", True),
                    f"{two_pointer}{place}/schema",
                    direction,
                    subject,
                )
                self._items(
                    f"{name}.{media}",
                    (olds[media], f"{one_pointer}{place}/{ITEMS}"),
                    (news[media], f"{two_pointer}{place}/{ITEMS}"),
                    direction,
                    users,
                )
                for key in sorted((olds[media].keys() | news[media].keys()) - _MEDIA):
                    if not key.startswith("x-") and olds[media].get(key) != news[media].get(key):
                        self.changes.broken(
                            "not-understood",
                            f"{name}.{media}",
                            f"`{key}` has changed",
                            one_pointer + place,
                            direction=direction,
                        )

    def _items(
        self, name: str, old: tuple[JSON, str], new: tuple[JSON, str], direction: Direction, users: set[str]
    ) -> None:
        """What each record of a text of many is: a line, or the data of an event."""
        (one, one_pointer), (two, two_pointer) = old, new
        if ITEMS not in one:
            return
        if ITEMS not in two:
            self.changes.broken(
                "response-items-untold", name, "no longer says what its items are", one_pointer, operation=_any(users)
            )
            return
        self.schemas.compare(one[ITEMS], one_pointer, two[ITEMS], two_pointer, direction, name)

    def _headers(self, name: str, one: JSON, one_pointer: str, two: JSON, two_pointer: str, users: set[str]) -> None:
        olds = {header.lower(): header for header in one.get("headers", {})}
        news = {header.lower(): header for header in two.get("headers", {})}
        for key in sorted(olds.keys() | news.keys()):
            if key not in news:
                self.changes.broken(
                    "response-header-removed",
                    f"{name}.{olds[key]}",
                    "is gone",
                    f"{one_pointer}/headers/{escape(olds[key])}",
                    operation=_any(users),
                )
                continue
            new, new_place = self.schemas.new.follow(
                two["headers"][news[key]], f"{two_pointer}/headers/{escape(news[key])}"
            )
            if key not in olds:
                self.changes.harmless(
                    f"{name}.{news[key]}", "is new", new_place, Direction.RESPONSE, operation=_any(users)
                )
                continue
            old, old_place = self.schemas.old.follow(
                one["headers"][olds[key]], f"{one_pointer}/headers/{escape(olds[key])}"
            )
            shared = old_place == new_place and old_place.startswith(_SHARED_HEADERS)
            subject = olds[key] if shared else f"{name}.{olds[key]}"
            if old.get("required") is True and new.get("required") is not True:
                self.changes.broken(
                    "response-header-removed", subject, "may be left out now", old_place, operation=_any(users)
                )
            self.schemas.compare(
                old.get("schema", True),
                f"{old_place}/schema",
                new.get("schema", True),
                f"{new_place}/schema",
                Direction.RESPONSE,
                subject,
            )

    def _problem_codes(self, operation: Operation, olds: JSON, news: JSON) -> None:
        """A code is a promise to programs, kept in the examples of problems (the schema calls it a string)."""
        before = {status: _codes(self.schemas.old, status, node) for status, node in olds.items()}
        after = {status: _codes(self.schemas.new, status, node) for status, node in news.items()}
        for status, codes in sorted(before.items()):
            _, pointer = self.schemas.old.follow(olds[status], f"{operation.pointer}/responses/{status}")
            for code in sorted(codes - after.get(status, set())):
                elsewhere = sorted(
                    other for other, found in after.items() if code in found and code not in before.get(other, set())
                )
                if elsewhere:
                    self.changes.broken(
                        "problem-code-moved",
                        code,
                        f"was answered with {status} and is with {elsewhere[0]}",
                        pointer,
                        operation=operation.id,
                    )
                elif status in news or code not in self._codes_now():
                    self.changes.broken(
                        "problem-code-removed",
                        code,
                        f"is no longer answered with {status}",
                        pointer,
                        operation=operation.id,
                    )

    def _codes_now(self) -> set[str]:
        if self._codes is None:
            self._codes = {
                code
                for operation in self.schemas.new.operations()
                for status, node in operation.node.get("responses", {}).items()
                for code in _codes(self.schemas.new, status, node)
            }
        return self._codes


def _codes(document: Document, status: str, response: JSON) -> set[str]:
    """The codes of the problems that an answer may be; other records have codes of their own (reasons, say)."""
    if status[0] in "123":
        return set()
    node, _ = document.follow(response, "")
    key = ("codes", id(node))
    if key not in document.shapes:
        document.shapes[key] = _codes_of(document, node)
    found: set[str] = document.shapes[key]
    return found


def _codes_of(document: Document, node: JSON) -> set[str]:
    found: set[str] = set()
    for media in node.get("content", {}).values():
        values = [
            media.get("example"),
            *(document.follow(example, "")[0].get("value") for example in media.get("examples", {}).values()),
        ]
        found |= {value["code"] for value in values if isinstance(value, dict) and isinstance(value.get("code"), str)}
        found |= _listed_codes(document, media.get("schema"))
    return found


def _listed_codes(document: Document, schema: JSON) -> set[str]:
    """Those of the problem's schema, where it lists them."""
    node, _ = document.follow(schema, "")
    if not isinstance(node, dict):
        return set()
    code, _ = document.follow(node.get("properties", {}).get("code"), "")
    return {value for value in (code or {}).get("enum", []) if isinstance(value, str)}


def _any(users: set[str]) -> str:
    return next(iter(users), "")
