"""Compares objects: which fields there are, which must be there, and which others may be."""

from __future__ import annotations

from .documents import JSON, Document, escape
from .judging import Judging
from .rules import Direction
from .shapes import Shape

# What is only read is not sent, what is only written doesn't come back.
_HIDDEN = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}


class Objects(Judging):
    """The part of `Schemas` that knows objects."""

    def compare(
        self, old: JSON, old_pointer: str, new: JSON, new_pointer: str, direction: Direction, subject: str
    ) -> None:
        raise NotImplementedError

    def object(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        olds, news = self._fields(self.old, one, direction), self._fields(self.new, two, direction)
        hidden = (one.keywords.get("properties", {}).keys() - olds.keys()) | (
            two.keywords.get("properties", {}).keys() - news.keys()
        )
        must_old = set(one.keywords.get("required", [])) - hidden
        must_new = set(two.keywords.get("required", [])) - hidden
        for name in sorted(olds.keys() - news.keys()):
            rule = "request-property-removed" if direction is Direction.REQUEST else "response-property-removed"
            self.changes.broken(
                rule, f"{subject}.{name}", "is gone", f"{one.pointer}/properties/{escape(name)}", direction=direction
            )
        self._added(one, two, news.keys() - olds.keys(), must_new, direction, subject)
        for name in sorted(must_new - must_old):
            # A field that wasn't there at all and must be sent is as new as it is required.
            place = f"{two.pointer}/properties/{escape(name)}"
            self.judge(
                True,
                False,
                direction,
                ("request-property-required", "response-property-optional"),
                f"{subject}.{name}",
                "is required now",
                place,
            )
        for name in sorted(must_old - must_new):
            if direction is Direction.REQUEST or name in news or name not in olds:
                self.judge(
                    False,
                    True,
                    direction,
                    ("request-property-required", "response-property-optional"),
                    f"{subject}.{name}",
                    "is no longer required",
                    f"{one.pointer}/properties/{escape(name)}",
                )
        for name in sorted(olds.keys() & news.keys()):
            self.compare(
                olds[name],
                f"{one.pointer}/properties/{escape(name)}",
                news[name],
                f"{two.pointer}/properties/{escape(name)}",
                direction,
                f"{subject}.{name}",
            )
        if direction is Direction.REQUEST:
            must = must_old & must_new & olds.keys() & news.keys()
            self._order([name for name in olds if name in must], [name for name in news if name in must], one, subject)
        self._others(one, two, direction, subject)

    def _order(self, was: list[str], now: list[str], one: Shape, subject: str) -> None:
        """Of the fields that must be sent before and after. Generators go by `properties`, not by `required`."""
        if was != now:
            self.changes.broken(
                "request-fields-reordered",
                subject,
                f"its required fields were in the order {', '.join(was)}",
                one.pointer,
                direction=Direction.REQUEST,
            )

    def _added(
        self, one: Shape, two: Shape, names: set[str], must: set[str], direction: Direction, subject: str
    ) -> None:
        closed = _others(one) is False
        for name in sorted(names):
            place = f"{two.pointer}/properties/{escape(name)}"
            if closed and direction is Direction.RESPONSE:
                self.changes.broken(
                    "response-object-opened",
                    f"{subject}.{name}",
                    "is new where no other field was to be",
                    place,
                    direction=direction,
                )
            elif name not in must or direction is Direction.RESPONSE:
                self.changes.harmless(f"{subject}.{name}", "is new", place, direction)

    def _fields(self, document: Document, shape: Shape, direction: Direction) -> dict[str, JSON]:
        """The fields that go this way: what is only read is not sent, what is only written doesn't come back."""
        found: dict[str, JSON] = {}
        for name, schema in shape.keywords.get("properties", {}).items():
            target, _ = document.follow(schema, "")
            if not any(isinstance(node, dict) and node.get(_HIDDEN[direction]) is True for node in (schema, target)):
                found[name] = schema
        return found

    def _others(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        was, now = _others(one), _others(two)
        if was == now and not isinstance(was, dict):
            return
        if isinstance(was, dict) and isinstance(now, dict):
            self.compare(
                was,
                f"{one.pointer}/additionalProperties",
                now,
                f"{two.pointer}/additionalProperties",
                direction,
                subject,
            )
            return
        rank = {True: 2, False: 0}
        less = (
            rank.get(now, 1) < rank.get(was, 1)
            if not isinstance(was, dict) and not isinstance(now, dict)
            else (now is False or was is True)
        )
        text = (
            "takes no other fields now"
            if now is False
            else "takes any other fields now"
            if now is True
            else "takes other fields of one kind now"
        )
        self.judge(
            less, not less, direction, ("request-object-closed", "response-object-opened"), subject, text, one.pointer
        )


def _others(shape: Shape) -> JSON:
    """What other fields an object may have: none (`False`), any (`True`), or those of a schema."""
    stated = shape.keywords.get("additionalProperties", True)
    return True if stated == {} else stated
