"""specshift sees what a rule that isn't there would miss, and can do nothing but compare."""

from __future__ import annotations

import subprocess
import unittest
from pathlib import Path

from checker import second_opinion
from checker.operations import compare
from seeds.every import BREAKS
from tests.support import TODAY, python_with_specshift
from tests.test_seeds import documents, rules_of

# Two rules of which specshift knows most, and where each could be forgotten.
KNOWN_TO_BOTH = (
    "response-property-removed",
    "request-limit-narrowed",
    "operation-removed",
    "parameter-added-required",
    "request-property-required",
    "body-removed",
    "body-required",
    "security-tightened",
)


@unittest.skipUnless(python_with_specshift(), "specshift is not installed")
class SecondOpinion(unittest.TestCase):
    def setUp(self) -> None:
        python = python_with_specshift()
        assert python
        self.python: Path = python

    def test_it_catches_breaks_whose_rule_is_missing(self) -> None:
        saved: dict[str, int] = {}
        seeds = [seed for seed in BREAKS if len(seed.rules) == 1]
        with second_opinion.Specshift(self.python) as specshift:
            for seed in seeds:
                (rule,) = seed.rules
                old, new = documents(seed)
                changes = compare(old, new, TODAY, seed.rules)
                second_opinion.weigh(specshift.breaks(old, new), old, new, changes)
                saved[rule] = saved.get(rule, 0) + ("second-opinion" in rules_of(changes))
        print(f"\nspecshift catches {sum(saved.values())} of {len(seeds)} seeded breaks whose rule is switched off")
        for rule in KNOWN_TO_BOTH:
            with self.subTest(rule):
                self.assertGreater(saved[rule], 0)

    def test_the_process_stops_before_it_connects_writes_starts_a_program_or_imports_more(self) -> None:
        for attempt in (
            "import socket; socket.create_connection(('127.0.0.1', 9))",
            "open('written', 'w')",
            "import subprocess; subprocess.run(['true'])",
            "import os; os.system('true')",
            "import specshift.ai_summary",
            "import specshift.notifier",
            "import specshift.webapp",
            "import specshift.cli",
            "import socket; socket.getaddrinfo('localhost', 80)",
        ):
            with self.subTest(attempt):
                program = (
                    f"import sys; sys.path.insert(0, {str(second_opinion.CHILD.parent)!r}); import specshift_child; "
                    f"sys.addaudithook(specshift_child._watch); {attempt}"
                )
                answer = subprocess.run(
                    [str(self.python), "-I", "-B", "-c", program], capture_output=True, text=True, check=False, env={}
                )
                self.assertNotEqual(answer.returncode, 0)
                self.assertIn("specshift is only to compare, and tried", answer.stderr)

    def test_a_python_without_specshift_is_an_error_and_no_opinion(self) -> None:
        old, new = documents(BREAKS[0])
        with self.assertRaises(second_opinion.SecondOpinionError):
            with second_opinion.Specshift(Path("/usr/bin/env")) as specshift:
                specshift.breaks(old, new)
