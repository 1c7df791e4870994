"""What a run of scripts/fuzz amounts to: fails where it tried too little, or took too much.

    tally.py <notes of hooks.py> <report of schemathesis>...

Standard library only.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import acceptance

HERE = Path(__file__).parent
# Far fewer would mean that the walks lead nowhere.
LEAST_LINKS_FOLLOWED = 40
LEAST_LINKS_OF_ALL = 0.15
# More answers taken by name than this, of all cases, and they would be the rule and not the exception.
MOST_TAKEN = 0.25


def main():
    notes = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    reports = {Path(name).stem: json.loads(Path(name).read_text()) for name in sys.argv[2:]}
    paths = json.loads((HERE / "../../openapi/openapi.json").read_text())["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    entries = acceptance.read(HERE / "accepted.toml")
    wrong = []

    for name, report in reports.items():
        if not report["complete"] or not report["test_cases"]["generated"]:
            wrong.append(f"{name} did not run to its end, or tried no case")
    tested = max(report["operations"]["tested"] for report in reports.values())
    if tested != len(operations):
        wrong.append(f"{tested} operations were tested, and the document has {len(operations)}")

    followed = Counter(note["link"] for note in notes if "link" in note)
    links = sum(len(answer.get("links", {})) for operation in operations for answer in operation["responses"].values())
    print(f"{followed.total()} links followed, {len(followed)} different ones of {links}")
    if followed.total() < LEAST_LINKS_FOLLOWED or len(followed) < links * LEAST_LINKS_OF_ALL:
        wrong.append(f"too few links were followed: at least {LEAST_LINKS_FOLLOWED}, and {LEAST_LINKS_OF_ALL:.0%} of all")

    cases = sum(report["test_cases"]["generated"] for report in reports.values())
    taken = [note["entries"] for note in notes if "entries" in note]
    print(f"{len(taken)} of {cases} answers taken by name, {len(taken) / max(cases, 1):.1%}; by entry of accepted.toml:")
    if len(taken) > cases * MOST_TAKEN:
        wrong.append(f"more than {MOST_TAKEN:.0%} of all answers were taken by name")
    hits = Counter(number for used in taken for number in used)
    for number, entry in enumerate(entries):
        rare = ", rare" if entry.get("rare") else ""
        print(f"{hits[number]:6}  {entry['status']} {entry.get('code', entry['check'])}{rare}: {entry['reason']}")
        if not hits[number] and not rare:
            wrong.append(f"no answer needed this entry of accepted.toml; remove it, or say why it is rare: {entry['reason']}")

    for line in wrong:
        print(f"scripts/fuzz: {line}", file=sys.stderr)
    sys.exit(bool(wrong))


main()
