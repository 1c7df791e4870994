"""An OpenAPI document: its operations, and what its references and JSON pointers lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = Any
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMAS = "/components/schemas/"


class DocumentError(Exception):
    """The document can't be compared; the text says why and where."""


def escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


@dataclass(frozen=True)
class Operation:
    """An operation as the document has it. `id` stands for it in announcements and generated clients."""

    id: str
    method: str
    path: str
    pointer: str
    item: JSON
    node: JSON

    @property
    def template(self) -> str:
        """The path with its parameters' names left out: what a client's request line looks like."""
        return re.sub(r"\{[^}]*\}", "{}", self.path)


class Document:
    def __init__(self, root: JSON, name: str = "the document") -> None:
        if not isinstance(root, dict) or not str(root.get("openapi", "")).startswith("3."):
            raise DocumentError(f"{name} is no OpenAPI 3 document")
        self.root = root
        self.name = name
        # What `schemas` makes of a schema once is used again; nothing changes a document that is being compared.
        self.shapes: dict[Any, Any] = {}
        self._users: dict[str, set[str]] | None = None

    @classmethod
    def parse(cls, text: str, name: str) -> Document:
        try:
            return cls(json.loads(text), name)
        except json.JSONDecodeError as error:
            raise DocumentError(f"{name} is not JSON: {error}") from error

    @classmethod
    def read(cls, path: Path) -> Document:
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise DocumentError(f"{path} can't be read: {error.strerror}") from error

    @property
    def schemas(self) -> dict[str, JSON]:
        schemas = self.root.get("components", {}).get("schemas", {})
        return schemas if isinstance(schemas, dict) else {}

    def at(self, pointer: str) -> JSON:
        node = self.root
        for part in pointer.split("/")[1:]:
            key = unescape(part)
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise DocumentError(f"{self.name} has nothing at {pointer}")
        return node

    def target(self, reference: str) -> str:
        """The pointer that a reference means. A document that refers elsewhere is not one document."""
        if not reference.startswith("#/"):
            raise DocumentError(f"{self.name} refers to {reference}, which is outside of it")
        return reference[1:]

    def follow(self, node: JSON, pointer: str) -> tuple[JSON, str]:
        """What a node stands for where it is a reference, and where that is."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            pointer = self.target(node["$ref"])
            if pointer in seen:
                raise DocumentError(f"{self.name}: the reference at {pointer} leads back to itself")
            seen.add(pointer)
            node = self.at(pointer)
        return node, pointer

    def operations(self) -> Iterator[Operation]:
        for path, raw in self.root.get("paths", {}).items():
            item, pointer = self.follow(raw, f"/paths/{escape(path)}")
            for method in METHODS:
                if method in item:
                    node = item[method]
                    name = node.get("operationId") or f"{method.upper()} {path}"
                    yield Operation(name, method, path, f"{pointer}/{method}", item, node)

    def users(self) -> dict[str, set[str]]:
        """Which operations lead to which named schema."""
        if self._users is None:
            self._users = self._find_users()
        return self._users

    def _find_users(self) -> dict[str, set[str]]:
        reached: dict[str, set[str]] = {}
        cache: dict[str, set[str]] = {}
        for operation in self.operations():
            shared = operation.item.get("parameters", [])
            for pointer in self._reach([operation.node, shared], cache):
                if pointer.startswith(SCHEMAS):
                    reached.setdefault(unescape(pointer.removeprefix(SCHEMAS)), set()).add(operation.id)
        return reached

    def _reach(self, node: JSON, cache: dict[str, set[str]]) -> set[str]:
        found: set[str] = set()
        waiting = list(self._references(node))
        while waiting:
            pointer = waiting.pop()
            if pointer not in found:
                found.add(pointer)
                if pointer not in cache:
                    cache[pointer] = set(self._references(self.at(pointer)))
                waiting.extend(cache[pointer])
        return found

    def _references(self, node: JSON) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref" and isinstance(value, str):
                    yield self.target(value)
                elif key == "mapping" and isinstance(value, dict):
                    yield from (self.target(v) for v in value.values() if isinstance(v, str) and v.startswith("#/"))
                elif key not in ("example", "examples", "default", "enum", "const"):
                    yield from self._references(value)
        elif isinstance(node, list):
            for value in node:
                yield from self._references(value)
