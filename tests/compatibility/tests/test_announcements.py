"""What CHANGELOG.md announces is read as people write it, and held to what is there."""

from __future__ import annotations

import unittest

from checker.announcements import ChangelogError, announced, judge, newest_version
from checker.changes import Change
from checker.rules import Direction

HEAD = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A `thing`.\n\n"


def broken(subject: str, rule: str) -> Change:
    return Change(rule, subject, "differs", "/components", Direction.RESPONSE)


class Announcements(unittest.TestCase):
    def test_items_name_what_changes_and_by_which_rule(self) -> None:
        items = announced(
            HEAD
            + "### Breaking\n\n- `Vendor.country`, `Authority.country`: may be null, as in `Regime`\n  (`response-null-added`).\n\n"
            "### Fixed\n\n- `Vendor.tags`: `class-removed`\n\n## [1.0.0] - 2026-01-01\n\n### Breaking\n\n- `Old.one`: `class-removed`\n"
        )
        self.assertEqual(
            [(item.names, item.rules) for item in items],
            [(("Vendor.country", "Authority.country"), ("response-null-added",))],
        )

    def test_a_name_may_hold_a_colon(self) -> None:
        items = announced(
            HEAD + "### Breaking\n\n- `https://a.example/`: moves: see the manual (`base-path-changed`).\n"
        )
        self.assertEqual(
            [(item.names, item.rules) for item in items], [(("https://a.example/",), ("base-path-changed",))]
        )

    def test_what_is_announced_is_told_from_what_is_not(self) -> None:
        items = announced(HEAD + "### Breaking\n\n- `Vendor.country`: may be null (`response-null-added`).\n")
        same, other_rule, other_name = (
            broken("Vendor.country", "response-null-added"),
            broken("Vendor.country", "format-changed"),
            broken("Vendor.count", "response-null-added"),
        )
        judgement = judge([same, other_rule, other_name], items)
        self.assertEqual(judgement.announced, [same])
        self.assertEqual(judgement.unannounced, [other_rule, other_name])
        self.assertEqual(judgement.unfounded, [])

    def test_an_announcement_that_nothing_answers_is_named(self) -> None:
        items = announced(
            HEAD + "### Breaking\n\n- `Vendor.country`, `Vendor.kind`: (`response-null-added`, `format-changed`).\n"
        )
        judgement = judge([broken("Vendor.country", "response-null-added")], items)
        self.assertEqual(len(judgement.unfounded), 1)
        self.assertTrue(judgement.unfounded[0].startswith("`Vendor.kind`, `format-changed` in: "))

    def test_an_item_that_announces_nothing_is_an_error_that_shows_how(self) -> None:
        for item in (
            "- Vendor.country: may be null (`response-null-added`).",
            "- `Vendor.country`: may be null.",
            "- `Vendor.country` may be null (`response-null-added`).",
            "Some words.",
        ):
            with self.subTest(item), self.assertRaises(ChangelogError):
                announced(HEAD + "### Breaking\n\n" + item + "\n")

    def test_a_changelog_without_unreleased_is_an_error(self) -> None:
        with self.assertRaises(ChangelogError):
            announced("# Changelog\n\n## [1.0.0]\n")

    def test_the_newest_version_is_the_first_with_a_heading(self) -> None:
        self.assertEqual(newest_version(HEAD + "## [1.2.0] - 2026-05-01\n\n## [1.1.0]\n"), "1.2.0")
        self.assertEqual(newest_version(HEAD), "")
