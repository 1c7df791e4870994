"""What the comparison found: breaks and harmless changes, each once, with the rule, the name and the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .rules import RULES, Direction

# Of what is written otherwise and means what it meant: a reference for a copy, one form of "or null" for another.
SAME = "says the same in another way"


@dataclass
class Change:
    """One difference of two documents. `rule` is none where it breaks nothing."""

    rule: str | None
    subject: str
    text: str
    pointer: str
    direction: Direction
    operations: set[str] = field(default_factory=set)

    @property
    def breaking(self) -> bool:
        return self.rule is not None


class Changes:
    """Collects changes. Rules in `off` say nothing at all, as if nobody had written them: tests switch them off."""

    def __init__(self, off: Iterable[str] = ()) -> None:
        self.off = frozenset(off)
        self._all: dict[tuple[str | None, str, str, str], Change] = {}

    def broken(
        self,
        rule: str,
        subject: str,
        text: str,
        pointer: str,
        *,
        operation: str = "",
        direction: Direction | None = None,
    ) -> None:
        if rule in self.off:
            return
        self._add(rule, subject, text, pointer, direction or RULES[rule].direction, operation)

    def harmless(self, subject: str, text: str, pointer: str, direction: Direction, *, operation: str = "") -> None:
        self._add(None, subject, text, pointer, direction, operation)

    def _add(
        self, rule: str | None, subject: str, text: str, pointer: str, direction: Direction, operation: str
    ) -> None:
        # One harmless sentence a place is enough only where it is the same sentence; one break a rule and place is.
        key = (rule, subject, pointer, "" if rule else text + direction.value)
        change = self._all.setdefault(key, Change(rule, subject, text, pointer, direction))
        if operation:
            change.operations.add(operation)

    def all(self) -> list[Change]:
        return list(self._all.values())

    def breaks(self) -> list[Change]:
        return [change for change in self._all.values() if change.breaking]
