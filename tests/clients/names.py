"""Checks the names and the types of a generated client against the document that it was made from.

    names.py python openapi/openapi.json target/clients/python/registry
    names.py typescript openapi/openapi.json target/clients/typescript/registry.ts

A generator that finds something without a name makes one up (`HistoryEntryEventType0`, `InlineObject3`), and where it finds
no type it gives none (`Any`, `unknown`, `Record<string, never>`). Both are mended in the document, so that every client has
them; this says where. Standard library only.
"""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

MADE_UP = re.compile(r"Inline|Anonymous|OneOf|AnyOf|AllOf|Type_?\d|Item_?\d|Response_?\d|Body_?\d|_\d+$")

# What may be anything at all, what may hold any field and what has none, written down: were it taken from the document, a
# field that loses its type would excuse itself.
UNTYPED_PROPERTIES = {("JsonPatchStep", "value")}
FREE_OBJECTS = {"RecordSnapshot"}
EMPTY_OBJECTS = {"NotedDetails", "NotedDetailsCreate", "WithdrawnDetails", "WithdrawnDetailsCreate"}

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


class Document:
    def __init__(self, path: str) -> None:
        self.text = json.loads(Path(path).read_text())
        self.schemas: dict[str, Any] = self.text["components"]["schemas"]
        self.operations = {
            operation["operationId"]
            for path in self.text["paths"].values()
            for method, operation in path.items()
            if method in METHODS
        }

    def free_objects(self) -> set[str]:
        """The schemas that say themselves that they hold whatever there is."""
        return {name for name, schema in self.schemas.items() if schema.get("additionalProperties") is True}

    def empty_objects(self) -> set[str]:
        """The schemas that say themselves that they have no properties."""
        return {name for name, schema in self.schemas.items() if schema.get("properties") == {}}

    def untyped_properties(self) -> set[tuple[str, str]]:
        """The properties that may be any JSON at all, because the schema says nothing of their type."""
        typed = {"type", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"}
        return {
            (name, key)
            for name, schema in self.schemas.items()
            for key, value in schema.get("properties", {}).items()
            if not typed & value.keys()
        }


    def looser_or_stricter(self) -> list[str]:
        """Where the document is not as untyped as the lists above say."""
        pairs: list[tuple[str, set[Any], set[Any]]] = [
            ("the properties without a type", self.untyped_properties(), UNTYPED_PROPERTIES),
            ("the schemas that may hold any field", self.free_objects(), FREE_OBJECTS),
            ("the schemas without a property", self.empty_objects(), EMPTY_OBJECTS),
        ]
        return [
            f"{what} are not those that names.py allows: the document alone has {sorted(found - allowed)}, names.py alone {sorted(allowed - found)}"
            for what, found, allowed in pairs
            if found != allowed
        ]


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def of_python(document: Document, package: Path) -> list[str]:
    named = {plain(name): name for name in document.schemas}
    untyped = {(plain(name), plain(key)) for name, key in UNTYPED_PROPERTIES}
    wrong = []
    classes = 0
    for file in sorted((package / "models").glob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if not isinstance(node, ast.ClassDef):
                continue
            classes += 1
            schema = named.get(plain(node.name))
            if schema is None:
                wrong.append(f"the class {node.name} has a name that no schema of the document has")
                continue
            fields = {
                field.target.id: field.annotation
                for field in node.body
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            }
            if fields.keys() == {"additional_properties"} and schema not in FREE_OBJECTS | EMPTY_OBJECTS:
                wrong.append(f"the class {node.name} has no fields, and {schema} says neither what it holds nor that it may be anything")
            for field, annotation in fields.items():
                names = {part.id for part in ast.walk(annotation) if isinstance(part, ast.Name)}
                if field != "additional_properties" and "Any" in names and (plain(schema), plain(field)) not in untyped:
                    wrong.append(f"the field {node.name}.{field} is Any")
    if not classes:
        wrong.append(f"{package} has no models")
    methods = {file.stem for file in (package / "api").glob("*/*.py") if file.stem != "__init__"}
    return wrong + differences(document, methods)


def of_typescript(document: Document, file: Path) -> list[str]:
    lines = file.read_text().splitlines()
    wrong = []
    section, schema, methods = "", "", set()
    for number, line in enumerate(lines, 1):
        if opened := re.match(r"export (?:interface|type) ([\w$]+)", line):
            section = opened[1]
        # Of components, `schemas` is the first part; parameters and responses come after it.
        if section == "components" and (part := re.match(r"    (\w+): ", line)):
            section = f"components.{part[1]}"
        elif section.startswith("components.") and (part := re.match(r"    (\w+): ", line)):
            section = f"components.{part[1]}"
        if section == "operations" and (method := re.match(r"    (\w+): \{", line)):
            methods.add(method[1])
        if section == "components.schemas" and (entry := re.match(r"        (\w+): ", line)):
            schema = entry[1]
        if re.match(r"\s*(/?\*|//)", line) or section in ("webhooks", "$defs"):
            continue
        if "Record<string, never>" in line and schema not in EMPTY_OBJECTS:
            wrong.append(f"line {number}, in {schema or section}: {line.strip()} can hold nothing")
        in_schemas = section == "components.schemas"
        if in_schemas and re.search(r"\b(any|unknown)\b", re.sub(r'"[^"]*"', "", line)):
            key = re.match(r"\s*(\w+)\??:", line)
            free = "[key: string]: unknown" in line and schema in FREE_OBJECTS
            if not free and not (key and (schema, key[1]) in UNTYPED_PROPERTIES):
                wrong.append(f"line {number}, in {schema}: {line.strip()} has no type")
    return wrong + differences(document, methods)


def differences(document: Document, methods: set[str]) -> list[str]:
    return [f"the operation {name} has no method of its name" for name in sorted(document.operations - methods)] + [
        f"the method {name} has the name of no operation" for name in sorted(methods - document.operations)
    ]


def main() -> None:
    kind, document, client = sys.argv[1], Document(sys.argv[2]), Path(sys.argv[3])
    wrong = [f"the schema {name} has a made-up name" for name in document.schemas if MADE_UP.search(name)]
    wrong += document.looser_or_stricter()
    wrong += {"python": of_python, "typescript": of_typescript}[kind](document, client)
    for line in wrong:
        print(line)
    if wrong:
        sys.exit(f"{len(wrong)} names or types of {client} are not the document's")
    print(f"{len(document.operations)} operations and {len(document.schemas)} schemas have the document's names and types")


if __name__ == "__main__":
    main()
