"""Compares two schemas in one direction.

What clients send: every value that the old schema took must still be taken. What they get: every value that the new one
allows must have been expected. Beyond the values stand the generated types: formats and the names of classes.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import limits
from .changes import SAME, Changes
from .documents import JSON, Document, escape
from .objects import Objects
from .rules import Direction
from .shapes import Shape, literal, shape_of
from .unions import Union

UNDERSTOOD = (
    frozenset(
        {
            "format",
            "pattern",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "default",
        }
    )
    | limits.KEYWORDS
)


class Schemas(Union, Objects):
    """Compares the schemas of two documents; each pair once in each direction, however often it is used."""

    def __init__(self, old: Document, new: Document, changes: Changes) -> None:
        self.old = old
        self.new = new
        self.changes = changes
        self._seen: set[tuple[str, str, Direction]] = set()
        # Old names of classes that were found again under another name.
        self.renamed: dict[str, str] = {}

    def attempt(self) -> Schemas:
        """The same comparison, into a collection of its own: to see whether it would find a break."""
        other = Schemas(self.old, self.new, Changes(self.changes.off))
        other._seen = set(self._seen)
        return other

    def compare(
        self, old: JSON, old_pointer: str, new: JSON, new_pointer: str, direction: Direction, subject: str
    ) -> None:
        one, two = shape_of(self.old, old, old_pointer), shape_of(self.new, new, new_pointer)
        if _form(old) != _form(new) and one.same_form(two):
            self.changes.harmless(subject, SAME, old_pointer, direction)
        self.compare_shapes(one, two, direction, subject, old_pointer)

    def compare_shapes(self, one: Shape, two: Shape, direction: Direction, subject: str, pointer: str) -> None:
        self._class(one, two, direction, subject, pointer)
        self._null(one, two, direction, subject, pointer)
        key = (one.pointer, two.pointer, direction)
        if key in self._seen:
            return
        self._seen.add(key)
        subject = one.name or subject
        self._default(one, two, direction, subject)
        if one.variants or two.variants:
            self.union(one, two, direction, subject)
        else:
            self._plain(one, two, direction, subject)

    def _class(self, one: Shape, two: Shape, direction: Direction, subject: str, pointer: str) -> None:
        if (one.name, one.title) == (two.name, two.title) or not (one.makes_class and two.makes_class):
            return
        if one.name == two.name:
            self.changes.broken(
                "class-renamed",
                one.name or subject,
                f"has the title {two.title or 'none'} now, which was {one.title or 'none'}",
                one.pointer,
                direction=direction,
            )
            return
        if one.name and two.name and one.name not in self.new.schemas and two.name not in self.old.schemas:
            self.renamed[one.name] = two.name
            self.changes.broken(
                "class-renamed",
                one.name,
                f"is called {two.name} now",
                f"/components/schemas/{escape(one.name)}",
                direction=direction,
            )
            return
        was, now = one.name or "a schema without a name", two.name or "a schema without a name"
        self.changes.broken("class-changed", subject, f"was {was} and is {now}", pointer, direction=direction)

    def _null(self, one: Shape, two: Shape, direction: Direction, subject: str, pointer: str) -> None:
        if one.nullable != two.nullable:
            text = "may be null now" if two.nullable else "may no longer be null"
            self.judge(
                one.nullable,
                two.nullable,
                direction,
                ("request-null-refused", "response-null-added"),
                subject,
                text,
                pointer,
            )

    def _plain(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        lost, gained = _beyond(one.types, two.types), _beyond(two.types, one.types)
        if one.types != two.types:
            text = f"was {_listed(one.types)} and is {_listed(two.types)}"
            self.judge(
                bool(lost),
                bool(gained),
                direction,
                ("request-type-narrowed", "response-type-widened"),
                subject,
                text,
                one.pointer,
            )
            if lost == one.types and gained == two.types:
                # Nothing of the one is comparable with the other.
                return
        self._values(one, two, direction, subject)
        self._names(one, two, direction, subject)
        for limit in limits.differences(one.keywords, two.keywords):
            self.judge(
                limit.narrower,
                limit.wider,
                direction,
                ("request-limit-narrowed", "response-limit-widened"),
                subject,
                f"{limit.keyword} was {limit.old} and is {limit.new}",
                one.pointer,
            )
        self._pattern(one, two, direction, subject)
        self._format(one, two, direction, subject)
        if "items" in one.keywords or "items" in two.keywords:
            self.compare(
                one.keywords.get("items", True),
                f"{one.pointer}/items",
                two.keywords.get("items", True),
                f"{two.pointer}/items",
                direction,
                subject,
            )
        if "object" in one.types & two.types:
            self.object(one, two, direction, subject)
        for keyword in sorted((one.keywords.keys() | two.keywords.keys()) - UNDERSTOOD):
            if one.keywords.get(keyword) != two.keywords.get(keyword):
                self.changes.broken(
                    "not-understood", subject, f"`{keyword}` has changed", one.pointer, direction=direction
                )

    def _values(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        if direction is Direction.RESPONSE and one.values and two.values and two.open and not one.open:
            self.changes.broken(
                "response-values-opened", subject, "may get other values from now on", one.pointer, direction=direction
            )
        if one.values == two.values:
            return
        rules = ("request-value-removed", "response-value-added")
        if one.values is None:
            self.judge(
                True, False, direction, rules, subject, f"takes only {_listed(two.values or ())} now", one.pointer
            )
        elif two.values is None:
            self.judge(
                False,
                not one.open,
                direction,
                rules,
                subject,
                "takes other values than the listed ones now",
                one.pointer,
            )
        else:
            gone, added = one.values - two.values, two.values - one.values
            if gone:
                self.judge(True, False, direction, rules, subject, f"has lost the value {_listed(gone)}", one.pointer)
            if added and direction is Direction.RESPONSE and one.open:
                self.changes.harmless(
                    subject, f"has the new value {_listed(added)}, as it was said to get some", one.pointer, direction
                )
            elif added:
                self.judge(False, True, direction, rules, subject, f"has the new value {_listed(added)}", one.pointer)

    def _names(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        if one.names == two.names:
            return
        was, now = dict(one.names), dict(two.names)
        for value in sorted((one.values or frozenset()) & (two.values or frozenset())):
            if was.get(value) != now.get(value):
                self.changes.broken(
                    "constant-renamed",
                    subject,
                    f"calls {value} {now.get(value, 'as generators like')} now, which was {was.get(value, 'as they like')}",
                    one.pointer,
                    direction=direction,
                )

    def _pattern(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        was, now = one.keywords.get("pattern"), two.keywords.get("pattern")
        if was != now:
            # Whether one pattern takes all that another takes is not decided here: a change of one is both.
            self.judge(
                now is not None,
                was is not None,
                direction,
                ("request-pattern-changed", "response-pattern-changed"),
                subject,
                f"pattern was {was or 'none'} and is {now or 'none'}",
                one.pointer,
            )

    def _format(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        was, now = one.keywords.get("format"), two.keywords.get("format")
        if was != now:
            self.changes.broken(
                "format-changed",
                subject,
                f"format was {was or 'none'} and is {now or 'none'}",
                one.pointer,
                direction=direction,
            )

    def _default(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        if direction is not Direction.REQUEST or one.keywords.get("default") == two.keywords.get("default"):
            return
        was, now = (
            literal(shape.keywords["default"]) if "default" in shape.keywords else "none" for shape in (one, two)
        )
        if "default" in one.keywords:
            self.changes.broken("default-changed", subject, f"default was {was} and is {now}", one.pointer)
        else:
            self.changes.harmless(subject, f"default is stated now: {now}", one.pointer, direction)


def _form(schema: JSON) -> JSON:
    """The keywords that may say one thing in several ways."""
    if not isinstance(schema, dict):
        return schema
    return {key: schema[key] for key in ("$ref", "type", "enum", "const", "oneOf", "anyOf", "allOf") if key in schema}


def _beyond(types: frozenset[str], others: frozenset[str]) -> set[str]:
    """The types that the others don't cover; every integer is a number."""
    return {name for name in types if name not in others and not (name == "integer" and "number" in others)}


def _listed(values: Iterable[str]) -> str:
    words = sorted(values)
    return ", ".join(words[:20]) + (" and more" if len(words) > 20 else "") or "nothing"
