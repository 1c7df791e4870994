"""Every seeded break is caught, by just the rules that it names; no harmless change is called a break; and every rule is
needed: without it some seed gets through."""

from __future__ import annotations

import unittest

from checker import second_opinion
from checker.changes import Changes
from checker.documents import Document
from checker.operations import compare
from checker.rules import RULES
from seeds.every import BREAKS, HARMLESS, Seed
from seeds.seed import nothing
from tests.support import TODAY, python_with_specshift, released, text


def documents(seed: Seed) -> tuple[Document, Document]:
    old, new = seed.documents(text())
    prepared = seed.prepare is not nothing
    return Document(old, "the released document") if prepared else released(), Document(new, "the changed document")


def found(seed: Seed, off: frozenset[str] = frozenset()) -> Changes:
    return compare(*documents(seed), TODAY, off)


def rules_of(changes: Changes) -> set[str]:
    return {change.rule for change in changes.breaks() if change.rule}


class Seeds(unittest.TestCase):
    def test_there_are_enough_of_both_kinds_and_no_two_of_one_name(self) -> None:
        self.assertGreaterEqual(len(BREAKS), 60)
        self.assertGreaterEqual(len(HARMLESS), 25)
        names = [seed.name for seed in BREAKS + HARMLESS]
        self.assertEqual(sorted(names), sorted(set(names)))

    def test_every_seeded_break_is_caught_by_its_rules_and_no_others(self) -> None:
        for seed in BREAKS:
            with self.subTest(seed.name):
                self.assertEqual(rules_of(found(seed)), seed.rules)

    def test_no_harmless_change_is_called_a_break(self) -> None:
        for seed in HARMLESS:
            with self.subTest(seed.name):
                self.assertEqual([change.text for change in found(seed).breaks()], [])

    def test_every_rule_is_known_and_has_a_seed(self) -> None:
        used = {rule for seed in BREAKS for rule in seed.rules}
        # The second opinion has no seed here: it is for what no rule looks at (test_second_opinion.py).
        self.assertEqual(used, RULES.keys() - {"second-opinion"})

    def test_without_any_one_rule_some_seed_gets_through(self) -> None:
        for rule in sorted(RULES.keys() - {"second-opinion"}):
            with self.subTest(rule):
                alone = [seed for seed in BREAKS if seed.rules == {rule}]
                through = [seed.name for seed in alone if not found(seed, frozenset({rule})).breaks()]
                self.assertEqual(through, [seed.name for seed in alone])
                self.assertTrue(through, "no seed needs this rule: it can be broken without a test that fails")


@unittest.skipUnless(python_with_specshift(), "specshift is not installed")
class BesideSpecshift(unittest.TestCase):
    def test_the_figures(self) -> None:
        python = python_with_specshift()
        assert python
        alone, whole, its_alarms, alarms = 0, 0, 0, 0
        with second_opinion.Specshift(python) as specshift:
            for seed in BREAKS + HARMLESS:
                old, new = documents(seed)
                findings = specshift.breaks(old, new)
                changes = found(seed)
                second_opinion.weigh(findings, old, new, changes)
                if seed.rules:
                    alone, whole = alone + bool(findings), whole + bool(changes.breaks())
                else:
                    its_alarms, alarms = its_alarms + bool(findings), alarms + bool(changes.breaks())
                with self.subTest(seed.name):
                    # Whatever specshift says of a seed, a rule has looked at it.
                    self.assertNotIn("second-opinion", rules_of(changes))
        print(
            f"\nseeded breaks: caught {whole} of {len(BREAKS)} (specshift alone: {alone}); "
            f"false alarms {alarms} of {len(HARMLESS)} (specshift alone: {its_alarms}); {len(RULES)} rules"
        )
        self.assertEqual(whole, len(BREAKS))
        self.assertEqual(alarms, 0)
