"""Random small schemas and values, and a small validator that shares no code with the rules: a value that the old schema
takes and the new one refuses (or, in answers, the other way round) is never without a break."""

from __future__ import annotations

import json
import random
import re
import unittest
from typing import Any

from checker.documents import Document
from checker.operations import compare
from checker.rules import Direction
from tests.support import TODAY

JSON = Any
PAIRS = 1500


def valid(schema: JSON, value: JSON, named: dict[str, JSON]) -> bool:
    """As JSON Schema 2020-12 has it, for the keywords that are made here."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema and not valid(named[schema["$ref"].rsplit("/", 1)[-1]], value, named):
        return False
    if not all(valid(part, value, named) for part in schema.get("allOf", [])):
        return False
    if "anyOf" in schema and not any(valid(part, value, named) for part in schema["anyOf"]):
        return False
    if "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(is_a(value, name) for name in types):
            return False
    if "enum" in schema and not any(value == word and type(value) is type(word) for word in schema["enum"]):
        return False
    if isinstance(value, str):
        return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 99) and bool(
            re.search(schema.get("pattern", ""), value)
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return bool(
            schema.get("minimum", -99) <= value <= schema.get("maximum", 99)
            and value > schema.get("exclusiveMinimum", -99)
            and value % schema.get("multipleOf", value or 1) == 0
        )
    if isinstance(value, list):
        return schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 99) and all(
            valid(schema.get("items", True), item, named) for item in value
        )
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        return set(schema.get("required", [])) <= value.keys() and all(
            valid(fields[key] if key in fields else schema.get("additionalProperties", True), item, named)
            for key, item in value.items()
        )
    return True


def is_a(value: JSON, name: str) -> bool:
    if name == "null":
        return value is None
    if name == "boolean":
        return isinstance(value, bool)
    if name in ("integer", "number"):
        return not isinstance(value, bool) and (
            isinstance(value, int) or (name == "number" and isinstance(value, float))
        )
    return isinstance(value, {"string": str, "array": list, "object": dict}[name])


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def schema(self, depth: int = 2) -> JSON:
        pick = self.random
        kinds = ["string", "integer", "number", "boolean", "enum"] + (
            ["array", "object", "anyOf", "allOf", "$ref"] if depth else []
        )
        kind = pick.choice(kinds)
        if kind == "enum":
            return {"type": "string", "enum": pick.sample(["a", "ab", "b", "abc"], pick.randint(1, 3))}
        if kind == "anyOf":
            return {
                "anyOf": [self.schema(depth - 1) for _ in range(pick.randint(1, 3))]
                + pick.choice([[], [{"type": "null"}]])
            }
        if kind == "allOf":
            return {"allOf": [self.schema(0), self.limits("string")]}
        if kind == "$ref":
            return {"$ref": f"#/components/schemas/{pick.choice('AB')}", **pick.choice([{}, {}, {"maxLength": 2}])}
        node: JSON = {"type": pick.choice([kind, kind, [kind, "null"]]), **self.limits(kind)}
        if kind == "array":
            node["items"] = self.schema(depth - 1)
        if kind == "object":
            node["properties"] = {name: self.schema(depth - 1) for name in pick.sample("pqr", pick.randint(1, 2))}
            node["required"] = [name for name in node["properties"] if pick.random() < 0.4]
            node["additionalProperties"] = pick.choice([False, False, True])
        return node

    def limits(self, kind: str) -> JSON:
        pick = self.random
        words = {
            "string": ("minLength", "maxLength"),
            "integer": ("minimum", "maximum"),
            "number": ("exclusiveMinimum", "maximum"),
            "array": ("minItems", "maxItems"),
        }.get(kind, ())
        node: JSON = {
            word: pick.randint(0, 1) if index == 0 else pick.randint(1, 3)
            for index, word in enumerate(words)
            if pick.random() < 0.4
        }
        if kind == "string" and pick.random() < 0.2:
            node["pattern"] = pick.choice(["^a", "b$"])
        if kind == "integer" and pick.random() < 0.2:
            node["multipleOf"] = pick.choice([1, 2])
        return node

    def near(self, node: JSON, depth: int = 2) -> JSON:
        """Another schema, alike but for a thing or two."""
        pick = self.random
        if pick.random() < 0.1 or not isinstance(node, dict):
            return self.schema(depth)
        made = json.loads(json.dumps(node))
        for key in list(made):
            if key in ("anyOf", "allOf"):
                made[key] = [self.near(part, 0) if pick.random() < 0.3 else part for part in made[key]]
                if key == "anyOf" and pick.random() < 0.2:
                    made[key] = made[key][:-1] or made[key]
            elif key == "properties":
                made[key] = {
                    name: self.near(part, 0) if pick.random() < 0.3 else part for name, part in made[key].items()
                }
            elif key == "items" and pick.random() < 0.4:
                made[key] = self.near(made[key], 0)
            elif key == "required" and pick.random() < 0.3:
                made[key] = [name for name in made["properties"] if pick.random() < 0.5]
            elif key == "enum" and pick.random() < 0.4:
                made[key] = pick.sample(["a", "ab", "b", "abc"], pick.randint(1, 3))
            elif isinstance(made[key], int) and not isinstance(made[key], bool) and pick.random() < 0.4:
                made[key] = max(1 if key == "multipleOf" else 0, made[key] + pick.choice([-1, 1]))
        kind = made.get("type")
        for key, limit in self.limits(kind[0] if isinstance(kind, list) else str(kind)).items():
            # A limit comes or goes.
            if pick.random() < 0.3:
                made.setdefault(key, limit)
            elif pick.random() < 0.3:
                made.pop(key, None)
        if isinstance(kind, list) and pick.random() < 0.3:
            made["type"] = kind[0]
        return made

    def value(self, depth: int = 2) -> JSON:
        pick = self.random
        kinds = [
            pick.choice(["", "a", "ab", "b", "abc", "ba"]),
            pick.randint(-2, 4),
            pick.choice([0.5, 2.5]),
            True,
            None,
        ]
        if depth and pick.random() < 0.5:
            if pick.random() < 0.4:
                return [self.value(depth - 1) for _ in range(pick.randint(0, 3))]
            return {name: self.value(depth - 1) for name in pick.sample("pqrz", pick.randint(0, 3))}
        return pick.choice(kinds)


def document(schema: JSON, named: dict[str, JSON], direction: Direction) -> Document:
    content = {"content": {"application/json": {"schema": schema}}}
    node: JSON = {"operationId": "do_it", "responses": {"200": {"description": "Done"}}}
    if direction is Direction.REQUEST:
        node["requestBody"] = {"required": True, **content}
    else:
        node["responses"]["200"].update(content)
    return Document(
        {
            "openapi": "3.1.0",
            "info": {"title": "It", "version": "1"},
            "paths": {"/it": {"post": node}},
            "components": {"schemas": named},
        }
    )


class Soundness(unittest.TestCase):
    def test_a_value_that_no_longer_fits_is_never_without_a_break(self) -> None:
        maker = Maker(20260322)
        counted, quiet = 0, 0
        for _ in range(PAIRS):
            named = {
                "A": maker.schema(0),
                "B": {
                    "type": "object",
                    "properties": {"p": {"$ref": "#/components/schemas/A"}, "q": maker.schema(0)},
                    "additionalProperties": False,
                },
            }
            old, later = (
                maker.schema(),
                {name: maker.near(part, 0) if maker.random.random() < 0.2 else part for name, part in named.items()},
            )
            new = maker.near(old)
            values = [maker.value() for _ in range(60)]
            lost = [value for value in values if valid(old, value, named) and not valid(new, value, later)]
            gained = [value for value in values if valid(new, value, later) and not valid(old, value, named)]
            for direction, wrong in ((Direction.REQUEST, lost), (Direction.RESPONSE, gained)):
                found = compare(document(old, named, direction), document(new, later, direction), TODAY).breaks()
                counted += bool(wrong)
                quiet += not found
                if wrong and not found:
                    self.fail(
                        f"{direction.value}: {wrong[0]!r} is no break from {json.dumps(old)} {named} to {json.dumps(new)} {later}"
                    )
        # Otherwise nothing was tried.
        self.assertGreater(counted, PAIRS / 10)
        self.assertGreater(quiet, PAIRS / 10)
        print(
            f"\nrandom schemas: {2 * PAIRS} comparisons, {counted} with a value that no longer fits, none without a break"
        )
