"""What a schema says, said one way: references followed, `allOf` merged, nullability taken out of the forms that it has.

A document may say the same thing in several ways (`type: [string, null]` or a `oneOf` with `type: null`; an enumeration or
a `oneOf` of constants). Shapes of the same meaning are equal, so that a change of form alone is no change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from .documents import JSON, SCHEMAS, Document, DocumentError, unescape
from .merging import merge

# What tells people something and binds nobody. Extensions (`x-`) count as such, but for the ones that rules read.
ANNOTATIONS = frozenset(
    {
        "title",
        "description",
        "example",
        "examples",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
        "$comment",
        "contentMediaType",
        "$schema",
        "$id",
        "$anchor",
    }
)
# Says that values may be added: clients have been told to expect some that they don't know.
OPEN_ENUM = "x-open-enum"
# The names of the constants in generated clients, in the order of the values.
NAMES = "x-enum-varnames"
# More references or `allOf` within one another lead back to where they began.
_DEEPEST = 50
ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array"})


@dataclass(frozen=True)
class Variant:
    schema: JSON
    pointer: str
    # Of a named schema its name, and the value of the discriminator that leads to it.
    name: str | None
    value: str | None
    # Where it is known already: of a plain schema that is taken for a union of one.
    shape: Shape | None = None


@dataclass(frozen=True)
class Shape:
    """A schema without null. Generators name a class after `name`, where it is a named schema, or after `title`."""

    name: str | None
    title: str | None
    pointer: str
    nullable: bool
    types: frozenset[str]
    values: frozenset[str] | None
    open: bool
    keywords: dict[str, JSON]
    variants: tuple[Variant, ...]
    discriminator: str | None
    # What generators call the constants of the values, where the document says it.
    names: tuple[tuple[str, str], ...] = ()

    def same_form(self, other: Shape) -> bool:
        """Whether both say the same of the value itself, whatever they say of its parts."""
        return (self.name, self.nullable, self.types, self.values, bool(self.variants)) == (
            other.name,
            other.nullable,
            other.types,
            other.values,
            bool(other.variants),
        )

    @property
    def makes_class(self) -> bool:
        """Whether generators make a class of it: of an enumeration, a union and an object with fields."""
        return (
            bool(self.values is not None and "string" in self.types)
            or bool(self.variants)
            or bool(self.keywords.get("properties"))
        )


def literal(value: JSON) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def shape_of(document: Document, schema: JSON, pointer: str) -> Shape:
    known: Shape | None = document.shapes.get((id(schema), pointer))
    if known is None:
        known = _shape(document, schema, pointer)
        # The schema is kept with its shape: an id is one object's only as long as that object lives.
        document.shapes[(id(schema), pointer)] = known
        document.shapes[("kept", id(schema), pointer)] = schema
    return known


def _shape(document: Document, schema: JSON, pointer: str) -> Shape:
    flat, place, name = flatten(document, schema, pointer)
    alternatives, nullable = _alternatives(document, flat, place)
    stated_default = {"default": flat["default"]} if "default" in flat else {}
    if len(alternatives) == 1 and "discriminator" not in flat:
        # One alternative beside null, or one alone: the schema itself.
        only = shape_of(document, alternatives[0].schema, alternatives[0].pointer)
        return replace(
            only,
            name=name or only.name,
            pointer=place if stated_default else only.pointer,
            nullable=only.nullable or nullable,
            keywords={**only.keywords, **stated_default},
        )
    if alternatives:
        constants = _constants(flat)
        if constants is None:
            discriminator = flat.get("discriminator") or {}
            return Shape(
                name,
                flat.get("title"),
                place,
                nullable,
                frozenset(),
                None,
                False,
                stated_default,
                tuple(alternatives),
                discriminator.get("propertyName"),
            )
        flat = {key: value for key, value in flat.items() if key not in ("oneOf", "anyOf")}
        flat["enum"] = [*constants, *([None] if nullable else [])]

    listed = flat.get("enum", [flat["const"]] if "const" in flat else None)
    stated = flat.get("type")
    types = frozenset([stated] if isinstance(stated, str) else stated) if stated is not None else None
    if types is None:
        types = frozenset(_type_of(value) for value in listed) if listed is not None else ALL_TYPES | {"null"}
    nullable = nullable or ("null" in types and (listed is None or None in listed))
    values = None if listed is None else frozenset(literal(value) for value in listed if value is not None)
    return Shape(
        name,
        flat.get("title"),
        place,
        nullable,
        types - {"null"},
        values,
        flat.get(OPEN_ENUM) is True,
        _rest(flat),
        (),
        None,
        tuple((literal(value), str(name)) for value, name in zip(listed or [], flat.get(NAMES, []))),
    )


def flatten(document: Document, schema: JSON, pointer: str) -> tuple[dict[str, JSON], str, str | None]:
    """The schema with references followed and `allOf` merged, where it stands, and its name."""
    name = _name(pointer)
    for _ in range(_DEEPEST):
        if isinstance(schema, bool):
            return ({} if schema else {"enum": []}), pointer, name
        if "$ref" in schema:
            rest = {key: value for key, value in schema.items() if key != "$ref" and _binds(key)}
            target = document.target(schema["$ref"])
            name = name or _name(target)
            if rest:
                # Another schema than the one referred to, so it keeps its own place.
                schema = merge([rest, document.at(target)])
            else:
                schema, pointer = document.at(target), target
        elif "allOf" in schema:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            parts = [flatten(document, part, f"{pointer}/allOf/{index}") for index, part in enumerate(schema["allOf"])]
            if len(parts) == 1 and not any(_binds(key) for key in rest):
                return parts[0][0], parts[0][1], name or parts[0][2]
            name = name or _only_name(parts)
            schema = merge([rest, *(part[0] for part in parts)])
        else:
            return schema, pointer, name
    raise DocumentError(f"{document.name}: the schema at {pointer} leads back to itself")


def _only_name(parts: list[tuple[dict[str, JSON], str, str | None]]) -> str | None:
    """The name of the one part that has fields, where the others only limit it."""
    with_fields = [part for part in parts if part[0].get("properties") or part[2]]
    return with_fields[0][2] if len(with_fields) == 1 else None


def _name(pointer: str) -> str | None:
    rest = pointer.removeprefix(SCHEMAS)
    return unescape(rest) if pointer.startswith(SCHEMAS) and "/" not in rest else None


def _binds(key: str) -> bool:
    return key in ("default", OPEN_ENUM) or not (key in ANNOTATIONS or key.startswith("x-"))


def _rest(flat: dict[str, JSON]) -> dict[str, JSON]:
    return {
        key: value for key, value in flat.items() if _binds(key) and key not in ("type", "enum", "const", OPEN_ENUM)
    }


def _alternatives(document: Document, flat: dict[str, JSON], pointer: str) -> tuple[list[Variant], bool]:
    found: list[Variant] = []
    nullable = False
    mapping = (flat.get("discriminator") or {}).get("mapping") or {}
    values = {target: value for value, target in mapping.items()}
    for keyword in ("oneOf", "anyOf"):
        for index, schema in enumerate(flat.get(keyword, [])):
            place = f"{pointer}/{keyword}/{index}"
            if _only_null(schema):
                nullable = True
                continue
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            name = _name(reference[1:]) if reference else None
            value = values.get(reference or "", values.get(name or ""))
            if value is None and "discriminator" in flat:
                value = name
            found.append(Variant(_with_siblings(flat, schema), place, name, value))
    return found, nullable


def _with_siblings(flat: dict[str, JSON], schema: JSON) -> JSON:
    """What stands beside a union holds for each of its variants."""
    beside = {
        key: value
        for key, value in flat.items()
        if _binds(key) and key not in ("oneOf", "anyOf", "discriminator", "default")
    }
    return {"allOf": [beside, schema]} if beside else schema


def _constants(flat: dict[str, JSON]) -> list[JSON] | None:
    """The values, where each alternative is one, perhaps with a description: an enumeration whose values are described."""
    values: list[JSON] = []
    for schema in [*flat.get("oneOf", []), *flat.get("anyOf", [])]:
        if _only_null(schema):
            continue
        if not isinstance(schema, dict) or "$ref" in schema or not ({"const", "enum"} & schema.keys()):
            return None
        if any(_binds(key) and key not in ("const", "enum", "type") for key in schema):
            return None
        values.extend(schema.get("enum", [schema["const"]] if "const" in schema else []))
    return values


def _only_null(schema: JSON) -> bool:
    stated = schema.get("type") if isinstance(schema, dict) else None
    return stated == "null" or (isinstance(stated, list) and set(stated) == {"null"})


def _type_of(value: JSON) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
