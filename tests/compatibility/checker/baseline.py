"""The document of the last release: `openapi/baseline.json`, held to the release's tag wherever the tag is at hand.

A committed file, because a shallow clone has no tags, and a check that finds no tag must not take that for "nothing to
compare". The newest version of CHANGELOG.md says which release is meant: where its tag is there, the file must be the tag's
document, so that nobody moves the baseline to hide a break.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .announcements import newest_version

DOCUMENT = "openapi/openapi.json"
BASELINE = "openapi/baseline.json"


class BaselineError(Exception):
    """There is nothing sound to compare with; the text says what to do."""


@dataclass(frozen=True)
class Baseline:
    text: str
    # What it is, in words for the report.
    what: str


def read(root: Path, version: str) -> Baseline:
    try:
        text = (root / BASELINE).read_text(encoding="utf-8")
    except OSError as error:
        raise BaselineError(
            f"{BASELINE} can't be read ({error.strerror}): it is the document of the last release, and is committed; "
            "`scripts/compatibility --accept` writes it"
        ) from error
    if not version:
        return Baseline(text, "nothing is released yet; the baseline is the document that was last accepted")
    tag = f"v{version}"
    released = _tagged(root, tag)
    if released is None:
        return Baseline(text, f"the tag {tag} is not in this clone; the baseline is taken as it was committed")
    if released != text:
        raise BaselineError(
            f"{BASELINE} is not the document of {tag}, the last release: run `scripts/compatibility --accept`, which takes it "
            "from the tag, and announce breaking changes in CHANGELOG.md"
        )
    return Baseline(text, f"the release {tag}")


def accept(root: Path, version: str) -> str:
    """Writes the baseline: the released document where there is one, else the one at hand. Tells which."""
    tag = f"v{version}"
    released = _tagged(root, tag) if version else None
    if released is not None:
        (root / BASELINE).write_text(released, encoding="utf-8")
        return f"{BASELINE} is the document of {tag} now"
    if version and _git(root, "rev-parse", "--is-shallow-repository") != "false":
        raise BaselineError(
            f"this clone has no tag {tag} and is shallow or no clone: fetch the tags first (git fetch --tags --unshallow)"
        )
    made = newest_version(_git(root, "show", "HEAD:CHANGELOG.md", strip=False) or "")
    if made and _tagged(root, f"v{made}") is None:
        raise BaselineError(
            f"CHANGELOG.md has {made} in the last commit, and this clone has no tag v{made}: the document at hand is a later one, "
            f"and as the baseline it would hide what breaks that release's clients. Fetch the tags (git fetch --tags) or tag "
            f"the release (git tag v{made} COMMIT), and accept again"
        )
    (root / BASELINE).write_text((root / DOCUMENT).read_text(encoding="utf-8"), encoding="utf-8")
    return (
        f"{BASELINE} is {DOCUMENT} as it is now: {f'the release {tag} to be' if version else 'nothing is released yet'}"
    )


def _tagged(root: Path, tag: str) -> str | None:
    if _git(root, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}") is None:
        return None
    text = _git(root, "show", f"{tag}:{DOCUMENT}", strip=False)
    if text is None:
        raise BaselineError(f"the tag {tag} has no {DOCUMENT}, or this clone doesn't hold it; fetch it, or see why")
    return text


def _git(root: Path, *arguments: str, strip: bool = True) -> str | None:
    """What git answers; none where it says no, is missing, or this is no clone (a tarball, say)."""
    try:
        answer = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
        )
    except FileNotFoundError:
        return None
    if answer.returncode != 0:
        return None
    return answer.stdout.strip() if strip else answer.stdout
