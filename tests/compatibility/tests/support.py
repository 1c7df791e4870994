"""The real document, and a specshift where there is one."""

from __future__ import annotations

import json
import os
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from checker.documents import Document

ROOT = Path(__file__).resolve().parents[3]
# The day on which the seeds are judged: what is announced for it is still there.
TODAY = date(2026, 6, 15)


@cache
def text() -> str:
    return (ROOT / "openapi/openapi.json").read_text(encoding="utf-8")


def real() -> Any:
    """The real document, a copy to change."""
    return json.loads(text())


@cache
def released() -> Document:
    return Document.parse(text(), "openapi/openapi.json")


def python_with_specshift() -> Path | None:
    """None where it is not installed; `scripts/compatibility` has named that already."""
    stated = os.environ.get("SPECSHIFT_PYTHON")
    return Path(stated) if stated else None
