"""The command itself, in a small repository of its own: what it prints, how it ends, and which baseline it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

CHECK = Path(__file__).resolve().parents[1] / "check.py"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/v1/things": {
            "get": {
                "operationId": "list_things",
                "responses": {
                    "200": {
                        "description": "Things",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                "required": ["name", "size"],
            }
        }
    },
}
UNRELEASED = "# Changelog\n\n## [Unreleased]\n"
BROKEN = "### Breaking\n\n- `Thing.size`: is gone; nobody knew it (`response-property-removed`).\n"


class Command(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "project"
        (self.root / "openapi").mkdir(parents=True)
        self.write("CHANGELOG.md", UNRELEASED)
        self.document(DOCUMENT)
        self.write("openapi/baseline.json", json.dumps(DOCUMENT))
        self.git("init", "--quiet", "--initial-branch=main")

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def document(self, document: dict[str, Any]) -> None:
        self.write("openapi/openapi.json", json.dumps(document))

    def without_size(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
        thing = document["components"]["schemas"]["Thing"]
        del thing["properties"]["size"]
        thing["required"] = ["name"]
        return document

    def git(self, *arguments: str, root: Path | None = None) -> None:
        who = {
            "GIT_AUTHOR_NAME": "T",
            "GIT_AUTHOR_EMAIL": "t@example.org",
            "GIT_COMMITTER_NAME": "T",
            "GIT_COMMITTER_EMAIL": "t@example.org",
        }
        subprocess.run(
            ["git", *arguments], cwd=root or self.root, check=True, capture_output=True, env={**os.environ, **who}
        )

    def commit(self, tag: str = "") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "all")
        if tag:
            self.git("tag", tag)

    def run_check(self, *arguments: str, root: Path | None = None) -> tuple[int, str]:
        answer = subprocess.run(
            [sys.executable, str(CHECK), "--root", str(root or self.root), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.returncode, answer.stdout + answer.stderr

    def test_nothing_changed_is_fine(self) -> None:
        code, said = self.run_check()
        self.assertEqual(code, 0, said)
        self.assertIn("0 breaking changes", said)

    def test_a_break_fails_and_says_what_breaks_for_whom_where_and_how_to_announce_it(self) -> None:
        self.document(self.without_size())
        code, said = self.run_check()
        self.assertEqual(code, 1)
        self.assertIn(
            "BREAKING  Thing.size is gone (responses of list_things), at /components/schemas/Thing/properties/size",
            said,
        )
        self.assertIn("Clients that read the field find nothing.", said)
        self.assertIn("- `Thing.size`: is gone (`response-property-removed`).", said)

    def test_an_announced_break_passes_and_the_line_that_it_prints_is_such_an_announcement(self) -> None:
        self.document(self.without_size())
        line = next(line for line in self.run_check()[1].splitlines() if "To announce it" in line)
        for item in (BROKEN, "### Breaking\n\n" + line[line.index("- `") :] + "\n"):
            self.write("CHANGELOG.md", UNRELEASED + "\n" + item)
            code, said = self.run_check()
            self.assertEqual(code, 0, said)
            self.assertIn("1 breaking changes, 1 of them announced", said)

    def test_an_announced_break_that_is_not_there_fails(self) -> None:
        self.write("CHANGELOG.md", UNRELEASED + "\n" + BROKEN)
        code, said = self.run_check()
        self.assertEqual(code, 1)
        self.assertIn("UNFOUNDED CHANGELOG.md announces what is not there: `Thing.size`", said)

    def test_a_change_that_breaks_nothing_is_told(self) -> None:
        document = json.loads(json.dumps(DOCUMENT))
        document["components"]["schemas"]["Thing"]["properties"]["colour"] = {"type": "string"}
        self.document(document)
        code, said = self.run_check()
        self.assertEqual(code, 0, said)
        self.assertIn("fine      Thing.colour is new", said)

    def test_without_a_baseline_it_fails(self) -> None:
        (self.root / "openapi/baseline.json").unlink()
        code, said = self.run_check()
        self.assertEqual(code, 2)
        self.assertIn("scripts/compatibility --accept", said)

    def test_a_document_that_is_none_or_refers_to_nothing_fails(self) -> None:
        for text in ("{", "[]", '{"swagger": "2.0"}', json.dumps(DOCUMENT).replace("schemas/Thing", "schemas/Nothing")):
            with self.subTest(text[:30]):
                self.write("openapi/openapi.json", text)
                code, said = self.run_check()
                self.assertEqual(code, 2, said)
                self.assertNotIn("Traceback", said)

    def test_before_a_release_any_document_may_be_accepted(self) -> None:
        self.document(self.without_size())
        self.assertEqual(self.run_check("--accept")[0], 0)
        self.assertEqual(self.run_check()[0], 0)

    def released(self) -> None:
        """1.0.0 is out, and the document has lost a field since."""
        self.write("CHANGELOG.md", UNRELEASED + "\n## [1.0.0] - 2026-01-01\n")
        self.commit("v1.0.0")
        self.document(self.without_size())

    def test_after_a_release_the_baseline_is_the_tags_whatever_is_accepted(self) -> None:
        self.released()
        self.assertIn("is the document of v1.0.0", self.run_check("--accept")[1])
        code, said = self.run_check()
        self.assertEqual(code, 1, said)
        self.assertIn("(the release v1.0.0)", said)

    def test_a_baseline_that_was_moved_by_hand_is_found_out(self) -> None:
        self.released()
        self.write("openapi/baseline.json", json.dumps(self.without_size()))
        code, said = self.run_check()
        self.assertEqual(code, 2)
        self.assertIn("is not the document of v1.0.0", said)

    def test_a_shallow_clone_without_tags_still_finds_the_break_and_accepts_nothing(self) -> None:
        self.released()
        self.commit()
        shallow = self.root.parent / "shallow"
        self.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{self.root}", str(shallow))
        code, said = self.run_check(root=shallow)
        self.assertEqual(code, 1, said)
        self.assertIn("the tag v1.0.0 is not in this clone", said)
        code, said = self.run_check("--accept", root=shallow)
        self.assertEqual(code, 2)
        self.assertIn("fetch the tags first", said)

    def test_a_release_that_is_being_made_takes_the_document_at_hand(self) -> None:
        self.released()
        self.commit()
        self.write(
            "CHANGELOG.md", UNRELEASED + "\n## [2.0.0] - 2026-06-01\n\n" + BROKEN + "\n## [1.0.0] - 2026-01-01\n"
        )
        self.assertIn("the release v2.0.0 to be", self.run_check("--accept")[1])
        self.assertEqual(self.run_check()[0], 0)
        self.commit("v2.0.0")
        code, said = self.run_check()
        self.assertEqual(code, 0, said)
        self.assertIn("(the release v2.0.0)", said)

    def test_a_release_without_its_tag_is_not_accepted_away(self) -> None:
        heading = UNRELEASED + "\n## [1.0.0] - 2026-01-01\n"
        self.write("CHANGELOG.md", heading)
        self.commit()
        self.document(self.without_size())
        baseline = (self.root / "openapi/baseline.json").read_text(encoding="utf-8")
        # Nor by a further heading on top of it.
        for changelog in (heading, heading.replace("## [1.0.0]", "## [1.0.1] - 2026-02-01\n\n## [1.0.0]")):
            with self.subTest(changelog):
                self.write("CHANGELOG.md", changelog)
                code, said = self.run_check("--accept")
                self.assertEqual(code, 2, said)
                self.assertIn("git tag v1.0.0", said)
                self.assertEqual((self.root / "openapi/baseline.json").read_text(encoding="utf-8"), baseline)
        self.write("CHANGELOG.md", heading)
        self.assertEqual(self.run_check()[0], 1)
        self.git("tag", "v1.0.0")
        self.assertIn("is the document of v1.0.0", self.run_check("--accept")[1])

    def test_the_first_release_takes_the_document_at_hand_until_its_heading_is_committed(self) -> None:
        self.commit()
        self.document(self.without_size())
        self.write("CHANGELOG.md", UNRELEASED + "\n## [1.0.0] - 2026-01-01\n")
        self.assertIn("the release v1.0.0 to be", self.run_check("--accept")[1])
        self.commit()
        self.assertEqual(self.run_check("--accept")[0], 2)
