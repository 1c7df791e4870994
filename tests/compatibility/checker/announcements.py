"""Reads what CHANGELOG.md announces: the items of `### Breaking` under `## [Unreleased]`.

    - `Vendor.country`, `Authority.country`: may be null, where nobody knows it (`response-null-added`).

Before the first colon stand the names, after it what changes, in words, and the codes of the rules, all in backticks. An
item without one of the two announces nothing, and says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .changes import Change
from .rules import RULES

_CODE = re.compile(r"`([^`]+)`")
# The first colon outside of backticks: an address has one of its own.
_COLON = re.compile(r"^((?:`[^`]*`|[^`:])*):(.*)$")
_VERSION = re.compile(r"^## \[?v?(\d+\.\d+\.\d+[^\]\s]*)")


class ChangelogError(Exception):
    """CHANGELOG.md can't be read as one; the text says what to do."""


@dataclass(frozen=True)
class Announcement:
    text: str
    names: tuple[str, ...]
    rules: tuple[str, ...]

    def covers(self, change: Change) -> bool:
        return change.subject in self.names and change.rule in self.rules


def announced(changelog: str) -> list[Announcement]:
    found: list[Announcement] = []
    for item in _items(changelog):
        parts = _COLON.match(item)
        names, rest = parts.groups() if parts else ("", item)
        named = tuple(_CODE.findall(names))
        rules = tuple(code for code in _CODE.findall(rest) if code in RULES)
        if not named or not rules:
            raise ChangelogError(
                f"CHANGELOG.md: this item of `### Breaking` announces nothing: {item}\n"
                "Write the names in backticks, a colon, what changes, and the rules in backticks:\n"
                "    - `Vendor.country`: may be null, where nobody knows it (`response-null-added`)."
            )
        found.append(Announcement(item, named, rules))
    return found


def newest_version(changelog: str) -> str:
    """The newest version that has a heading of its own; empty before the first release."""
    return next((match[1] for line in changelog.splitlines() if (match := _VERSION.match(line))), "")


def _items(changelog: str) -> list[str]:
    """The items, each on one line. Nothing but a list may stand under the heading."""
    items: list[str] = []
    release, section = "", ""
    seen = False
    for line in changelog.splitlines():
        if line.startswith("## "):
            release, section = line[3:].strip().strip("[]").lower(), ""
            seen = seen or release == "unreleased"
        elif line.startswith("### "):
            section = line[4:].strip().lower()
        elif release != "unreleased" or section != "breaking" or not line.strip():
            continue
        elif line.startswith("- "):
            items.append(line[2:].strip())
        elif items and line.startswith("  "):
            items[-1] += " " + line.strip()
        else:
            raise ChangelogError(f"CHANGELOG.md: under `### Breaking` stands what is no item of a list: {line.strip()}")
    if not seen:
        raise ChangelogError("CHANGELOG.md has no `## [Unreleased]`, where breaking changes are announced")
    return items


@dataclass
class Judgement:
    """Which breaks were announced and which not, and which announcements nothing answers."""

    announced: list[Change]
    unannounced: list[Change]
    unfounded: list[str]


def judge(breaks: list[Change], announcements: list[Announcement]) -> Judgement:
    covered = [change for change in breaks if any(item.covers(change) for item in announcements)]
    unfounded: list[str] = []
    for item in announcements:
        mine = [change for change in breaks if item.covers(change)]
        idle = [name for name in item.names if all(change.subject != name for change in mine)]
        idle += [rule for rule in item.rules if all(change.rule != rule for change in mine)]
        if idle:
            unfounded.append(f"{', '.join(f'`{word}`' for word in idle)} in: {item.text}")
    return Judgement(covered, [change for change in breaks if change not in covered], unfounded)
