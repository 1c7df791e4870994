"""Changes at random, anywhere in the real document, and a crude oracle that shares no code with the rules: what it calls
breaking is caught, what it calls harmless is not."""

from __future__ import annotations

import json
import random
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from checker.documents import Document
from checker.operations import compare
from tests.support import TODAY, real, released, text

JSON = Any
SAMPLE = 40


def below(node: JSON, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], JSON]]:
    yield path, node
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key not in ("example", "examples"):
            yield from below(value, (*path, key))


def at(node: JSON, path: tuple[Any, ...]) -> JSON:
    for key in path:
        node = node[key]
    return node


def reached(document: JSON, starts: list[JSON]) -> set[str]:
    """The names of the schemas that something leads to, by a plain search for references."""
    names: set[str] = set()
    waiting = list(starts)
    while waiting:
        for word in json.dumps(waiting.pop()).split('"'):
            if word.startswith("#/components/"):
                kind, name = word.split("/")[2:4]
                if f"{kind}/{name}" not in names:
                    names.add(f"{kind}/{name}")
                    waiting.append(document["components"][kind][name])
    return names


class Oracle:
    """Which named schemas clients send, and which they get. It looks at names only, so it asks for no more than it knows."""

    def __init__(self, document: JSON) -> None:
        operations = [
            node
            for item in document["paths"].values()
            for node in item.values()
            if isinstance(node, dict) and "responses" in node
        ]
        self.sent = reached(
            document, [[node.get("requestBody", {}), node.get("parameters", [])] for node in operations]
        )
        self.got = reached(document, [node["responses"] for node in operations])

    def of(self, path: tuple[Any, ...]) -> tuple[bool, bool]:
        name = f"{path[1]}/{path[2]}"
        return name in self.sent, name in self.got


class AtRandom(unittest.TestCase):
    document: JSON
    oracle: Oracle
    random: random.Random
    schemas: list[tuple[tuple[Any, ...], JSON]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.document = real()
        cls.oracle = Oracle(cls.document)
        cls.random = random.Random(20260322)
        cls.schemas = [
            (path, node)
            for path, node in below({"components": {"schemas": cls.document["components"]["schemas"]}})
            if isinstance(node, dict) and len(path) > 2 and path[-1] not in ("properties", "mapping")
        ]

    def changed(self, change: Callable[[JSON], None]) -> list[str]:
        document = real()
        change(document)
        return [f"{found.rule} {found.subject}" for found in compare(released(), Document(document), TODAY).breaks()]

    def each(
        self,
        places: list[tuple[tuple[Any, ...], Any]],
        change: Callable[[JSON, Any], None],
        breaks: Callable[[tuple[Any, ...], JSON], bool],
    ) -> None:
        sample = self.random.sample(places, min(SAMPLE, len(places)))
        self.assertGreater(len(sample), 5, "the document has hardly anything to try this on")
        for path, what in sample:
            with self.subTest(path=path, what=what):
                found = self.changed(lambda document: change(at(document, path), what))
                self.assertEqual(bool(found), breaks(path, what), found)

    def test_a_document_and_itself_differ_in_nothing(self) -> None:
        self.assertEqual(compare(released(), Document.parse(text(), "again"), TODAY).all(), [])

    def test_the_order_of_keys_is_nothing_but_that_of_fields(self) -> None:
        def shuffled(node: JSON, fields: bool = False) -> JSON:
            if isinstance(node, dict):
                keys = list(node)
                if not fields:
                    self.random.shuffle(keys)
                return {key: shuffled(node[key], key == "properties") for key in keys}
            return [shuffled(value) for value in node] if isinstance(node, list) else node

        self.assertEqual(compare(released(), Document(shuffled(self.document)), TODAY).all(), [])

    def test_any_field_that_goes_is_a_break(self) -> None:
        places = [(path, name) for path, node in self.schemas for name in node.get("properties", {})]

        def drop(node: JSON, name: str) -> None:
            del node["properties"][name]
            if name in node.get("required", []):
                node["required"].remove(name)

        self.each(places, drop, lambda path, _: any(self.oracle.of(path)))

    def test_any_field_that_may_be_missing_is_a_break_where_it_is_got_alone(self) -> None:
        places = [(path, name) for path, node in self.schemas for name in node.get("required", [])]
        self.each(places, lambda node, name: node["required"].remove(name), lambda path, _: self.oracle.of(path)[1])

    def test_any_field_that_must_be_there_is_a_break_where_it_is_sent_alone(self) -> None:
        places = [
            (path, name)
            for path, node in self.schemas
            for name in node.get("properties", {})
            if name not in node.get("required", [])
        ]
        self.each(
            places,
            lambda node, name: node.setdefault("required", []).append(name),
            lambda path, _: self.oracle.of(path)[0],
        )

    def test_any_word_that_goes_is_a_break_where_it_is_sent_alone(self) -> None:
        places = [(path, word) for path, node in self.schemas for word in node.get("enum", [])]

        def drop(node: JSON, word: str) -> None:
            index = node["enum"].index(word)
            for words in (node["enum"], node.get("x-enum-varnames", [])):
                del words[index : index + 1]

        self.each(places, drop, lambda path, _: self.oracle.of(path)[0])

    def test_any_word_that_comes_is_a_break_where_it_is_got_alone(self) -> None:
        places = [(path, "entirely_new") for path, node in self.schemas if "enum" in node]
        self.each(places, lambda node, word: node["enum"].append(word), lambda path, _: self.oracle.of(path)[1])

    def test_any_null_that_may_come_is_a_break_where_it_is_got_alone(self) -> None:
        places = [
            (path, None)
            for path, node in self.schemas
            if isinstance(node.get("type"), str)
            and node["type"] != "null"
            # Where the words are listed null is none of them.
            and "enum" not in node
            and "const" not in node
            and "properties" not in node
        ]

        def widen(node: JSON, _: None) -> None:
            node["type"] = [node["type"], "null"]

        self.each(places, widen, lambda path, _: self.oracle.of(path)[1])

    def test_any_null_that_is_refused_is_a_break_where_it_is_sent_alone(self) -> None:
        places = [(path, None) for path, node in self.schemas if isinstance(node.get("type"), list)]

        def narrow(node: JSON, _: None) -> None:
            node["type"] = node["type"][0]

        self.each(places, narrow, lambda path, _: self.oracle.of(path)[0])

    def test_any_limit_that_shrinks_or_grows_is_a_break_one_way(self) -> None:
        upper = [
            (path, key) for path, node in self.schemas for key in ("maxLength", "maxItems", "maximum") if key in node
        ]

        def shift(by: int) -> Callable[[JSON, str], None]:
            def change(node: JSON, key: str) -> None:
                node[key] += by

            return change

        self.each(upper, shift(-1), lambda path, _: self.oracle.of(path)[0])
        self.each(upper, shift(1), lambda path, _: self.oracle.of(path)[1])

    def test_any_format_that_goes_is_a_break(self) -> None:
        places = [(path, None) for path, node in self.schemas if isinstance(node.get("format"), str)]
        self.each(places, lambda node, _: node.pop("format"), lambda path, _: any(self.oracle.of(path)))

    def test_any_parameter_operation_or_answer_that_goes_is_a_break_but_an_error(self) -> None:
        operations = [
            (("paths", path, method), node)
            for path, item in self.document["paths"].items()
            for method, node in item.items()
            if isinstance(node, dict) and "responses" in node
        ]
        parameters = [
            ((*path, "parameters"), index)
            for path, node in operations
            for index, _ in enumerate(node.get("parameters", []))
        ]
        self.each(parameters, lambda node, index: node.pop(index), lambda *_: True)
        self.each(
            [(path[:-1], path[-1]) for path, _ in operations], lambda node, method: node.pop(method), lambda *_: True
        )
        answers = [((*path, "responses"), status) for path, node in operations for status in node["responses"]]
        self.each(answers, lambda node, status: node.pop(status), lambda _, status: status[0] in "23")

    def test_any_named_schema_that_is_renamed_is_a_break(self) -> None:
        names = [(("components", "schemas"), name) for name in self.document["components"]["schemas"]]
        for path, name in self.random.sample(names, 25):
            with self.subTest(name):
                changed = json.loads(
                    text().replace(f'"#/components/schemas/{name}"', '"#/components/schemas/Elsewhere"')
                )
                at(changed, path)["Elsewhere"] = at(changed, path).pop(name)
                found = {change.rule for change in compare(released(), Document(changed), TODAY).breaks()}
                self.assertTrue(found and found <= {"class-renamed", "class-removed"}, found)
