"""What a seed is, and how it finds what it changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

JSON = Any
Edit = Callable[[JSON], None]

BREAKS: list[Seed] = []
HARMLESS: list[Seed] = []


class TargetGone(Exception):
    """The document no longer has what a seed changes."""


def nothing(_: JSON) -> None:
    """Most seeds take the document as it is."""


@dataclass(frozen=True)
class Seed:
    name: str
    # Exactly the rules that say that it breaks; none for a harmless one.
    rules: frozenset[str]
    change: Edit
    # What both documents are given first, where the real one has no example of what the seed changes.
    prepare: Edit

    def documents(self, document: str) -> tuple[JSON, JSON]:
        """The released document and the changed one."""
        try:
            old, new = json.loads(document), json.loads(document)
            self.prepare(old)
            self.prepare(new)
            self.change(new)
        except (KeyError, IndexError, ValueError, TargetGone) as error:
            raise TargetGone(
                f"the seed {self.name!r} no longer finds what it changes ({error}); give it another target"
            ) from error
        # Compared as text: the order of keys is a change too, if a harmless one.
        if json.dumps(old) == json.dumps(new):
            raise TargetGone(f"the seed {self.name!r} changes nothing; give it another target")
        return old, new


def breaks(*rules: str, prepare: Edit = nothing) -> Callable[[Edit], Edit]:
    def add(change: Edit) -> Edit:
        BREAKS.append(Seed(change.__name__.replace("_", " "), frozenset(rules), change, prepare))
        return change

    return add


def harmless(prepare: Edit = nothing) -> Callable[[Edit], Edit]:
    def add(change: Edit) -> Edit:
        HARMLESS.append(Seed(change.__name__.replace("_", " "), frozenset(), change, prepare))
        return change

    return add


def place(document: JSON, operation_id: str) -> tuple[str, str]:
    """The path and the method of an operation."""
    for path, item in document["paths"].items():
        for method, node in item.items():
            if isinstance(node, dict) and node.get("operationId") == operation_id:
                return path, method
    raise TargetGone(f"no operation {operation_id}")


def operation(document: JSON, operation_id: str) -> JSON:
    path, method = place(document, operation_id)
    return document["paths"][path][method]


def schema(document: JSON, name: str) -> JSON:
    return document["components"]["schemas"][name]


def field(document: JSON, name: str) -> JSON:
    """`Vendor.country`, the schema of that field."""
    parent, _, child = name.partition(".")
    return schema(document, parent)["properties"][child]


def drop(document: JSON, name: str) -> None:
    """Takes a field out of its schema, and out of what is required there."""
    parent, _, child = name.partition(".")
    node = schema(document, parent)
    del node["properties"][child]
    node["required"] = [word for word in node.get("required", []) if word != child]


def own_parameter(document: JSON, operation_id: str, name: str) -> JSON:
    """A parameter that the operation states itself, not one that it shares."""
    for node in operation(document, operation_id)["parameters"]:
        if node.get("name") == name:
            return node
    raise TargetGone(f"{operation_id} has no parameter {name} of its own")


def parameters_without(document: JSON, operation_id: str, name: str) -> None:
    node = operation(document, operation_id)
    left = [parameter for parameter in node["parameters"] if parameter.get("name") != name]
    if len(left) == len(node["parameters"]):
        raise TargetGone(f"{operation_id} has no parameter {name} of its own")
    node["parameters"] = left


def add_parameter(document: JSON, operation_id: str, **parameter: JSON) -> None:
    """An optional parameter of the query, unless another is asked for."""
    operation(document, operation_id)["parameters"].append(
        {"in": "query", "required": False, "schema": {"type": "string"}, **parameter}
    )


def rename_schema(document: JSON, old: str, new: str) -> None:
    schemas = document["components"]["schemas"]
    schemas[new] = schemas.pop(old)
    _refer(document, f"#/components/schemas/{old}", f"#/components/schemas/{new}")


def _refer(node: JSON, old: str, new: str) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            if value == old:
                node[key] = new
            else:
                _refer(value, old, new)
    elif isinstance(node, list):
        for value in node:
            _refer(value, old, new)
