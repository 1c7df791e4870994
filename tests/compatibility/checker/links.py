"""Compares the links of answers: the operations that a client may go on with, and what it calls them with."""

from __future__ import annotations

from .changes import Changes
from .documents import JSON, Document, escape
from .rules import Direction

_SHARED = "/components/links/"
_BINDING = ("operationRef", "parameters", "requestBody", "server")


class Links:
    def __init__(self, old: Document, new: Document, changes: Changes) -> None:
        self.old = old
        self.new = new
        self.changes = changes
        self._was, self._is = (
            {found.id: (found.template, found.method) for found in document.operations()} for document in (old, new)
        )

    def compare(self, name: str, old: tuple[JSON, str], new: tuple[JSON, str], operation: str) -> None:
        (one, one_pointer), (two, two_pointer) = old, new
        olds, news = one.get("links", {}), two.get("links", {})
        for link in sorted(olds.keys() | news.keys()):
            subject, place = f"{name}.{link}", f"/links/{escape(link)}"
            if link not in olds:
                self.changes.harmless(
                    subject, "is a new link", two_pointer + place, Direction.RESPONSE, operation=operation
                )
                continue
            was, was_pointer = self.old.follow(olds[link], one_pointer + place)
            if link not in news:
                self._gone(subject, was, one_pointer + place, operation)
                continue
            now, now_pointer = self.new.follow(news[link], two_pointer + place)
            changed = [key for key in _BINDING if was.get(key) != now.get(key)]
            if not self._same_target(was, now):
                changed.insert(0, "operationId")
            if changed:
                # One that many answers share is named by itself, and told once.
                shared = was_pointer == now_pointer and was_pointer.startswith(_SHARED)
                self.changes.broken(
                    "response-link-changed",
                    link if shared else subject,
                    f"has another {', '.join(changed)}",
                    was_pointer,
                    operation=operation,
                )

    def _gone(self, subject: str, link: JSON, pointer: str, operation: str) -> None:
        target = str(link.get("operationId", ""))
        # Where its operation went too, that is judged: after its last day nothing can lead to it.
        if target in self._was and target not in self._is and self._was[target] not in self._is.values():
            self.changes.harmless(subject, f"is gone, as {target} is", pointer, Direction.RESPONSE, operation=operation)
        else:
            self.changes.broken("response-link-removed", subject, "is gone", pointer, operation=operation)

    def _same_target(self, one: JSON, two: JSON) -> bool:
        """By name or by place: what an operation is called now is judged where it stands."""
        was, now = str(one.get("operationId", "")), str(two.get("operationId", ""))
        return was == now or (was in self._was and self._was[was] == self._is.get(now))
