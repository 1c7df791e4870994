"""What every comparison of schemas works with, and how it says what it found."""

from __future__ import annotations

from .changes import Changes
from .documents import Document
from .rules import Direction


class Judging:
    """Two documents, and the changes that were found between them."""

    old: Document
    new: Document
    changes: Changes

    def judge(
        self,
        narrower: bool,
        wider: bool,
        direction: Direction,
        rules: tuple[str, str],
        subject: str,
        text: str,
        pointer: str,
    ) -> None:
        """Less is a break where clients send, more where they get; `rules` names one for each."""
        if direction is Direction.REQUEST and narrower:
            self.changes.broken(rules[0], subject, text, pointer, direction=direction)
        elif direction is Direction.RESPONSE and wider:
            self.changes.broken(rules[1], subject, text, pointer, direction=direction)
        elif narrower or wider:
            self.changes.harmless(subject, text, pointer, direction)
