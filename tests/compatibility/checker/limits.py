"""Bounds of numbers, lengths and counts: which of two schemas takes less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

JSON = Any

KEYWORDS = frozenset(
    {
        "minimum",
        "exclusiveMinimum",
        "maximum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "multipleOf",
        "uniqueItems",
    }
)


class Limit(NamedTuple):
    """A limit that differs: what it was and is, and whether the new one takes less, or more (both: neither holds the other)."""

    keyword: str
    old: str
    new: str
    narrower: bool
    wider: bool


# Whether a bound has a strict form, and how much it is at least where none is given.
_LOWER = (
    ("minimum", "exclusiveMinimum", None),
    ("minLength", None, 0),
    ("minItems", None, 0),
    ("minProperties", None, 0),
)
_UPPER = (("maximum", "exclusiveMaximum"), ("maxLength", None), ("maxItems", None), ("maxProperties", None))

_Bound = tuple[Fraction, bool] | None


def differences(old: dict[str, JSON], new: dict[str, JSON]) -> Iterator[Limit]:
    if all(old.get(keyword) == new.get(keyword) for keyword in KEYWORDS):
        return
    for keyword, strict, least in _LOWER:
        one, other = (_bound(schema, keyword, strict, max, least) for schema in (old, new))
        if one != other:
            raised = one is None or (other is not None and other > one)
            yield Limit(keyword, _words(one), _words(other), raised, not raised)
    for keyword, strict in _UPPER:
        one, other = (_bound(schema, keyword, strict, min, None, upper=True) for schema in (old, new))
        if one != other:
            lowered = one is None or (other is not None and other < one)
            yield Limit(keyword, _words(one, upper=True), _words(other, upper=True), lowered, not lowered)
    if old.get("multipleOf") != new.get("multipleOf"):
        one_step, other_step = (
            Fraction(str(schema["multipleOf"])) if "multipleOf" in schema else None for schema in (old, new)
        )
        yield Limit(
            "multipleOf",
            str(one_step or "none"),
            str(other_step or "none"),
            not _divides(other_step, one_step),
            not _divides(one_step, other_step),
        )
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        now = bool(new.get("uniqueItems"))
        yield Limit("uniqueItems", str(not now).lower(), str(now).lower(), now, not now)


def _bound(
    schema: dict[str, JSON],
    keyword: str,
    strict: str | None,
    choose: Callable[[list[tuple[Fraction, bool]]], tuple[Fraction, bool]],
    least: int | None,
    upper: bool = False,
) -> _Bound:
    """The bound that holds: of an equal pair the strict one. Its second part orders them so."""
    found: list[tuple[Fraction, bool]] = []
    if least is not None:
        found.append((Fraction(least), False))
    if keyword in schema:
        found.append((Fraction(str(schema[keyword])), upper))
    if strict and strict in schema:
        found.append((Fraction(str(schema[strict])), not upper))
    return choose(found) if found else None


def _words(bound: _Bound, upper: bool = False) -> str:
    if bound is None:
        return "none"
    value, second = bound
    number = str(value) if value.denominator == 1 else str(float(value))
    return number + (" (excluded)" if second != upper else "")


def _divides(step: Fraction | None, of: Fraction | None) -> bool:
    """Whether every multiple of `of` is one of `step`."""
    return step is None or (of is not None and (of / step).denominator == 1)
