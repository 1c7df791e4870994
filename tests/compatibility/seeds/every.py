"""All seeds: importing a file adds what stands in it."""

from __future__ import annotations

from . import compatible, operations, parameters, requests, responses, unions
from .seed import BREAKS, HARMLESS, Seed

__all__ = ["BREAKS", "HARMLESS", "Seed", "compatible", "operations", "parameters", "requests", "responses", "unions"]
