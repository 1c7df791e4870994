"""`allOf` as one schema: a value must satisfy all of its parts, so that the stricter of two says what holds."""

from __future__ import annotations

import json
from typing import Any

JSON = Any

_LARGER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_SMALLER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
# No one keyword says that two of these hold. The second is kept as it is; any change of it counts as not understood.
_ONCE = ("oneOf", "anyOf", "discriminator", "pattern", "format", "not", "$ref")


def merge(parts: list[JSON]) -> dict[str, JSON]:
    merged: dict[str, JSON] = {}
    for part in parts:
        if part is False:
            return {"enum": []}
        for key, value in ({} if part is True else part).items():
            if key not in merged or merged[key] == value:
                merged[key] = value
            elif key in _ONCE:
                merged.setdefault("several " + key, []).append(value)
            else:
                merged[key] = _both(key, merged[key], value)
    return merged


def _both(key: str, one: JSON, other: JSON) -> JSON:
    if key in _LARGER:
        return max(one, other)
    if key in _SMALLER:
        return min(one, other)
    if key == "allOf":
        return [*one, *other]
    if key == "required":
        return list(dict.fromkeys([*one, *other]))
    if key == "properties":
        return {name: _part(one, other, name) for name in [*one, *(name for name in other if name not in one)]}
    if key == "enum":
        return [value for value in one if value in other]
    if key == "type":
        return _types(one, other)
    if key in ("additionalProperties", "items"):
        return False if one is False or other is False else merge_lazily(one, other)
    if key in ("readOnly", "writeOnly", "uniqueItems", "deprecated"):
        return bool(one or other)
    if key in ("title", "description", "example", "examples", "default"):
        return one
    # Both hold, and no one keyword says so; kept in an order of its own, so that equal pairs stay equal.
    return {"allOf": sorted([one, other], key=lambda value: json.dumps(value, sort_keys=True))}


def merge_lazily(one: JSON, other: JSON) -> JSON:
    """Not merged before it is needed: a part may refer back to what it is a part of."""
    if one is True:
        return other
    return one if other is True else {"allOf": [one, other]}


def _part(one: JSON, other: JSON, name: str) -> JSON:
    if name in one and name in other and one[name] != other[name]:
        return merge_lazily(one[name], other[name])
    return one[name] if name in one else other[name]


def _types(one: JSON, other: JSON) -> list[str]:
    first = {one} if isinstance(one, str) else set(one)
    second = {other} if isinstance(other, str) else set(other)
    for these, those in ((first, second), (second, first)):
        if "number" in these and "integer" in those and "number" not in those:
            these.add("integer")
    return sorted(first & second)
