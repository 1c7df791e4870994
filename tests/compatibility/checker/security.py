"""Compares who may call: the schemes, what each operation asks for, and the server's base path."""

from __future__ import annotations

from urllib.parse import urlsplit

from .changes import Changes
from .documents import JSON, Document, Operation, escape
from .rules import Direction

# What else a scheme says (its description, `bearerFormat`) is for people.
_SCHEME = ("type", "scheme", "in", "name", "flows", "openIdConnectUrl")

_Ways = list[frozenset[tuple[str, str]]]


def schemes(old: Document, new: Document, changes: Changes) -> None:
    olds, news = (document.root.get("components", {}).get("securitySchemes", {}) for document in (old, new))
    for name, raw in sorted(olds.items()):
        pointer = f"/components/securitySchemes/{escape(name)}"
        one, _ = old.follow(raw, pointer)
        # One that is gone is seen where operations asked for it.
        two, _ = new.follow(news.get(name), pointer)
        if two and any(_words(one, key) != _words(two, key) for key in _SCHEME):
            changed = [key for key in _SCHEME if _words(one, key) != _words(two, key)]
            changes.broken("security-scheme-changed", name, f"has another {', '.join(changed)}", pointer)


def requirements(old: Document, new: Document, one: Operation, two: Operation, changes: Changes) -> None:
    """Each entry is one way in, and needs all of its schemes; none at all, or an empty one, lets anybody in."""
    before, after = _ways(old, one), _ways(new, two)
    if before == after:
        return
    pointer = f"{one.pointer}/security"
    if frozenset() in after and frozenset() not in before:
        changes.broken("security-dropped", one.id, "is for anybody now", pointer, operation=one.id)
        return
    shut = [way for way in before if not any(other <= way for other in after)]
    if shut:
        changes.broken(
            "security-tightened",
            one.id,
            f"no longer takes {_called(shut[0])}; it takes {' or '.join(map(_called, after))}",
            pointer,
            operation=one.id,
        )
    else:
        changes.harmless(one.id, "takes another way of signing in", pointer, Direction.BOTH, operation=one.id)


def base_path(old: Document, new: Document, one: Operation, two: Operation, changes: Changes) -> None:
    before, after = _servers(old, one), _servers(new, two)
    gone = sorted(before - after)
    if gone:
        changes.broken(
            "base-path-changed",
            gone[0],
            f"is no server's address now; {', '.join(sorted(after))} is",
            "/servers",
            operation=one.id,
        )


def _ways(document: Document, operation: Operation) -> _Ways:
    stated = operation.node.get("security", document.root.get("security", []))
    ways = [frozenset((name, scope) for name, scopes in way.items() for scope in (scopes or [""])) for way in stated]
    return ways or [frozenset()]


def _called(way: frozenset[tuple[str, str]]) -> str:
    return " with ".join(sorted(f"{name} {scope}".strip() for name, scope in way)) or "anybody"


def _servers(document: Document, operation: Operation) -> set[str]:
    stated = (
        operation.node.get("servers") or operation.item.get("servers") or document.root.get("servers") or [{"url": "/"}]
    )
    return {_address(server.get("url", "/")) for server in stated}


def _address(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path.rstrip("/") or "/"
    return f"{parts.scheme}://{parts.netloc}{path}" if parts.netloc else path


def _words(scheme: JSON, key: str) -> str:
    value = scheme.get(key)
    return value.lower() if key == "scheme" and isinstance(value, str) else str(value)
