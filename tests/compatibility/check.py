"""The check of `scripts/compatibility`: what the document breaks for the clients of the last release, and whether
CHANGELOG.md says so. README.md has the rules."""

from __future__ import annotations

import argparse
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

from checker import baseline, second_opinion
from checker.announcements import ChangelogError, Judgement, announced, judge, newest_version
from checker.baseline import BaselineError
from checker.changes import Change, Changes
from checker.documents import Document, DocumentError
from checker.operations import compare
from checker.rules import RULES

_PROBLEMS = (BaselineError, ChangelogError, DocumentError, second_opinion.SecondOpinionError)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/compatibility", description=__doc__)
    parser.add_argument(
        "--accept",
        action="store_true",
        help="write openapi/baseline.json: the document of the last release, or, before its tag, the one at hand",
    )
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2], help="the project's folder")
    parser.add_argument(
        "--specshift",
        type=Path,
        metavar="PYTHON",
        help="a Python that has specshift; without it its opinion is left out",
    )
    arguments = parser.parse_args()
    try:
        return accept(arguments.root) if arguments.accept else check(arguments.root, arguments.specshift)
    except _PROBLEMS as problem:
        print(f"scripts/compatibility: {problem}", file=sys.stderr)
        return 2


def accept(root: Path) -> int:
    # Read before it is written, so that no broken document becomes the measure of later ones.
    Document.read(root / baseline.DOCUMENT)
    print(baseline.accept(root, newest_version(_changelog(root))))
    return 0


def check(root: Path, python: Path | None) -> int:
    changelog = _changelog(root)
    measure = baseline.read(root, newest_version(changelog))
    old, new = Document.parse(measure.text, baseline.BASELINE), Document.read(root / baseline.DOCUMENT)
    changes = compare(old, new, datetime.now(UTC).date())
    print(f"{baseline.DOCUMENT} against {baseline.BASELINE} ({measure.what})")
    dismissed = _ask(python, old, new, changes)
    judgement = judge(changes.breaks(), announced(changelog))
    _report(changes, judgement)
    print(
        f"{len(changes.breaks())} breaking changes, {len(judgement.announced)} of them announced; "
        f"{len(changes.all()) - len(changes.breaks())} that break nothing" + dismissed
    )
    return 1 if judgement.unannounced or judgement.unfounded else 0


def _ask(python: Path | None, old: Document, new: Document, changes: Changes) -> str:
    if python is None:
        return "; left out: specshift's opinion"
    with second_opinion.Specshift(python) as specshift:
        findings = specshift.breaks(old, new)
    dismissed = second_opinion.weigh(findings, old, new, changes)
    return f"; specshift calls {len(findings)} breaking, {len(dismissed)} of which were found harmless here"


def _report(changes: Changes, judgement: Judgement) -> None:
    broken = {change.subject for change in changes.breaks()}
    for change in sorted(changes.all(), key=lambda change: (change.subject, change.pointer)):
        # What is harmless one way and breaks the other is told once.
        if not change.breaking and change.subject not in broken:
            print(f"fine      {_sentence(change)}")
    for change in judgement.announced:
        print(f"announced {_sentence(change)}")
    for change in judgement.unannounced:
        print(f"BREAKING  {_sentence(change)}\n          {RULES[change.rule or ''].breaks}")
        print(
            f"          To announce it, under `### Breaking` in CHANGELOG.md: - `{change.subject}`: {change.text} (`{change.rule}`)."
        )
    for words in judgement.unfounded:
        print(f"UNFOUNDED CHANGELOG.md announces what is not there: {words}")


def _sentence(change: Change) -> str:
    users = sorted(change.operations)
    named = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
    aside = f" ({change.direction.value}s" if change.direction.value != "both" else " ("
    aside = (aside + (" of " if aside != " (" else "") + named + ")") if named and named != change.subject else ""
    return textwrap.shorten(f"{change.subject} {change.text}{aside}, at {change.pointer}", 1000)


def _changelog(root: Path) -> str:
    try:
        return (root / "CHANGELOG.md").read_text(encoding="utf-8")
    except OSError as error:
        raise ChangelogError(f"CHANGELOG.md can't be read: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
