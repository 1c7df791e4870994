"""Compares unions (`oneOf`, `anyOf`): by the value of the discriminator, by the variants' names, or by what they take."""

from __future__ import annotations

from dataclasses import replace

from .documents import Document
from .judging import Judging
from .rules import Direction
from .shapes import Shape, Variant, shape_of

_RULES = ("request-variant-removed", "response-variant-added")


class Union(Judging):
    """The half of `Schemas` that knows unions."""

    def attempt(self) -> Union:
        raise NotImplementedError

    def compare_shapes(self, one: Shape, two: Shape, direction: Direction, subject: str, pointer: str) -> None:
        raise NotImplementedError

    def union(self, one: Shape, two: Shape, direction: Direction, subject: str) -> None:
        if one.variants and two.variants and one.discriminator != two.discriminator:
            self.changes.broken(
                "discriminator-changed",
                subject,
                f"was told by {one.discriminator or 'nothing'} and is by {two.discriminator or 'nothing'}",
                one.pointer,
                direction=direction,
            )
        olds, news = _variants(one), _variants(two)
        by_value = bool(one.discriminator and one.discriminator == two.discriminator)
        pairs, gone, added = _pair(olds, news, by_value)
        for old, new in pairs:
            self._variant(old, new, direction, subject)
        if not by_value:
            gone, added = self._by_content(gone, added, direction, subject)
        for variant in gone:
            self.judge(
                True, False, direction, _RULES, subject, f"has lost the variant {_called(variant)}", variant.pointer
            )
        for variant in added:
            self.judge(
                False, True, direction, _RULES, subject, f"has the new variant {_called(variant)}", variant.pointer
            )

    def _variant(self, old: Variant, new: Variant, direction: Direction, subject: str) -> None:
        one, two = _shape(self.old, old), _shape(self.new, new)
        self.compare_shapes(one, two, direction, old.name or subject, old.pointer)

    def _by_content(
        self, gone: list[Variant], added: list[Variant], direction: Direction, subject: str
    ) -> tuple[list[Variant], list[Variant]]:
        """Variants without a name to find them by: one may stand where another stood."""
        if len(gone) == 1 and len(added) == 1:
            self._variant(gone[0], added[0], direction, subject)
            return [], []
        left, taken = list(gone), list(added)
        for old in gone:
            match = next((new for new in taken if self._fits(old, new, direction, subject)), None)
            if match:
                self._variant(old, match, direction, subject)
                left.remove(old)
                taken.remove(match)
        return left, taken

    def _fits(self, old: Variant, new: Variant, direction: Direction, subject: str) -> bool:
        trial = self.attempt()
        trial._variant(old, new, direction, subject)
        return not trial.changes.breaks()


def _variants(shape: Shape) -> list[Variant]:
    """A plain schema is a union of one; whether it may be null was looked at already."""
    return list(shape.variants) or [Variant(None, shape.pointer, shape.name, None, replace(shape, nullable=False))]


def _shape(document: Document, variant: Variant) -> Shape:
    return variant.shape or shape_of(document, variant.schema, variant.pointer)


def _pair(
    olds: list[Variant], news: list[Variant], by_value: bool
) -> tuple[list[tuple[Variant, Variant]], list[Variant], list[Variant]]:
    def key(variant: Variant) -> str | None:
        return variant.value if by_value else variant.name

    known = {key(variant): variant for variant in news if key(variant) is not None}
    pairs = [(old, known[key(old)]) for old in olds if key(old) in known and key(old) is not None]
    met = {key(old) for old, _ in pairs}
    return pairs, [old for old in olds if key(old) not in met], [new for new in news if key(new) not in met]


def _called(variant: Variant) -> str:
    name = variant.name or "without a name"
    return f"{variant.value} ({name})" if variant.value and variant.value != variant.name else name
