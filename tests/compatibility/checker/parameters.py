"""Compares the parameters of an operation: which there are, whether they are needed, how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .changes import SAME
from .documents import JSON, Document, Operation
from .rules import Direction
from .schemas import Schemas
from .shapes import literal, shape_of

_COMPONENT = "/components/parameters/"
_STYLE = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
UNDERSTOOD = frozenset(
    {
        "name",
        "in",
        "required",
        "schema",
        "style",
        "explode",
        "allowReserved",
        "content",
        "description",
        "example",
        "examples",
        "deprecated",
        "allowEmptyValue",
    }
)


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    node: JSON
    pointer: str

    @property
    def key(self) -> tuple[str, str]:
        # Names of headers have no case.
        return (self.name.lower() if self.place == "header" else self.name, self.place)

    @property
    def required(self) -> bool:
        return self.place == "path" or self.node.get("required") is True

    @property
    def written(self) -> tuple[JSON, ...]:
        style = self.node.get("style", _STYLE.get(self.place))
        return (
            style,
            self.node.get("explode", style == "form"),
            self.node.get("allowReserved", False),
            tuple(sorted(self.node.get("content", {}))),
        )


def parameters_of(document: Document, operation: Operation) -> dict[tuple[str, str], Parameter]:
    """The operation's, and those of its path that it doesn't state itself."""
    found: dict[tuple[str, str], Parameter] = {}
    item = operation.pointer.rsplit("/", 1)[0]
    for nodes, base in (
        (operation.item.get("parameters", []), item),
        (operation.node.get("parameters", []), operation.pointer),
    ):
        for index, raw in enumerate(nodes):
            node, pointer = document.follow(raw, f"{base}/parameters/{index}")
            parameter = Parameter(node["name"], node["in"], node, pointer)
            found[parameter.key] = parameter
    return found


class Parameters:
    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.changes = schemas.changes

    def compare(self, old: Operation, new: Operation) -> None:
        olds, news = parameters_of(self.schemas.old, old), parameters_of(self.schemas.new, new)
        renamed = self._path(old, new, olds, news)
        self._order(old, [renamed.get(key, key) for key in olds], list(news))
        for key, parameter in sorted(olds.items()):
            if key in news:
                self._one(old, parameter, news[key])
            elif key not in renamed:
                self._gone(old, parameter, olds, news)
        for key, parameter in sorted(news.items()):
            if key in olds or key in renamed.values() or self._elsewhere(parameter, news, olds):
                continue
            subject = f"{old.id}.{parameter.name}"
            if parameter.required:
                self.changes.broken(
                    "parameter-added-required",
                    subject,
                    f"is a new parameter of the {parameter.place}, and required",
                    parameter.pointer,
                    operation=old.id,
                )
            else:
                self.changes.harmless(
                    subject,
                    f"is a new parameter of the {parameter.place}",
                    parameter.pointer,
                    Direction.REQUEST,
                    operation=old.id,
                )

    def _order(self, old: Operation, was: list[tuple[str, str]], now: list[tuple[str, str]]) -> None:
        """Of those that both have; new ones may stand anywhere."""
        was, now = [key for key in was if key in now], [key for key in now if key in was]
        if was != now:
            self.changes.broken(
                "parameter-order-changed",
                old.id,
                f"its parameters were in the order {', '.join(name for name, _ in was)}",
                old.pointer,
                operation=old.id,
            )

    def _path(
        self,
        old: Operation,
        new: Operation,
        olds: dict[tuple[str, str], Parameter],
        news: dict[tuple[str, str], Parameter],
    ) -> dict[tuple[str, str], tuple[str, str]]:
        """What stands at the same place of the path is the same parameter, whatever it is called."""
        renamed: dict[tuple[str, str], tuple[str, str]] = {}
        if old.template != new.template:
            return renamed
        for was, now in zip(re.findall(r"\{([^}]*)\}", old.path), re.findall(r"\{([^}]*)\}", new.path)):
            one, two = olds.get((was, "path")), news.get((now, "path"))
            if was != now and one and two:
                renamed[one.key] = two.key
                self.changes.broken(
                    "parameter-renamed", f"{old.id}.{was}", f"is called {now} now", one.pointer, operation=old.id
                )
                self._one(old, one, two)
        return renamed

    def _elsewhere(
        self, parameter: Parameter, mine: dict[tuple[str, str], Parameter], others: dict[tuple[str, str], Parameter]
    ) -> list[Parameter]:
        """Where the other document has a parameter of that name that this one doesn't have there."""
        return [
            other for other in others.values() if other.name.lower() == parameter.name.lower() and other.key not in mine
        ]

    def _gone(
        self,
        old: Operation,
        parameter: Parameter,
        olds: dict[tuple[str, str], Parameter],
        news: dict[tuple[str, str], Parameter],
    ) -> None:
        subject = f"{old.id}.{parameter.name}"
        moved = self._elsewhere(parameter, olds, news)
        if moved:
            self.changes.broken(
                "parameter-moved",
                subject,
                f"was in the {parameter.place} and is in the {moved[0].place}",
                parameter.pointer,
                operation=old.id,
            )
            self._one(old, parameter, moved[0], moved=True)
        else:
            self.changes.broken(
                "parameter-removed", subject, f"is gone from the {parameter.place}", parameter.pointer, operation=old.id
            )

    def _one(self, old: Operation, one: Parameter, two: Parameter, moved: bool = False) -> None:
        # One that many operations share is named by itself, and told once.
        shared = one.pointer == two.pointer and one.pointer.startswith(_COMPONENT)
        subject = one.name if shared else f"{old.id}.{one.name}"
        if one.name != two.name and one.key == two.key:
            self.changes.harmless(subject, SAME, one.pointer, Direction.REQUEST, operation=old.id)
        if two.required and not one.required:
            self.changes.broken("parameter-required", subject, "is required now", one.pointer, operation=old.id)
        elif one.required and not two.required:
            self.changes.harmless(subject, "is no longer required", one.pointer, Direction.REQUEST, operation=old.id)
        if one.written != two.written and not moved:
            self.changes.broken(
                "parameter-written-otherwise",
                subject,
                f"was written {_words(one)} and is written {_words(two)}",
                one.pointer,
                operation=old.id,
            )
        self._default(old, one, two, subject)
        self.schemas.compare(
            one.node.get("schema", True),
            f"{one.pointer}/schema",
            two.node.get("schema", True),
            f"{two.pointer}/schema",
            Direction.REQUEST,
            subject,
        )
        for media in sorted(one.node.get("content", {}).keys() & two.node.get("content", {}).keys()):
            self.schemas.compare(
                one.node["content"][media].get("schema", True),
                f"{one.pointer}/content/{media}/schema",
                two.node["content"][media].get("schema", True),
                f"{two.pointer}/content/{media}/schema",
                Direction.REQUEST,
                subject,
            )
        for key in sorted((one.node.keys() | two.node.keys()) - UNDERSTOOD):
            if not key.startswith("x-") and one.node.get(key) != two.node.get(key):
                self.changes.broken("not-understood", subject, f"`{key}` has changed", one.pointer, operation=old.id)

    def _default(self, old: Operation, one: Parameter, two: Parameter, subject: str) -> None:
        """Of one that is always sent it says nothing. Changes of a default that was there are the schemas'."""
        was, now = (
            shape_of(document, parameter.node.get("schema", True), f"{parameter.pointer}/schema").keywords
            for document, parameter in ((self.schemas.old, one), (self.schemas.new, two))
        )
        if "default" in now and "default" not in was and not one.required:
            self.changes.broken(
                "parameter-default-added",
                subject,
                f"has the default {literal(now['default'])} now",
                one.pointer,
                operation=old.id,
            )


def _words(parameter: Parameter) -> str:
    style, explode, reserved, content = parameter.written
    if content:
        return f"as {', '.join(content)}"
    return f"as style {style}, explode {str(explode).lower()}" + (
        ", reserved characters as they are" if reserved else ""
    )
