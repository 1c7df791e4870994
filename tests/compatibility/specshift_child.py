"""Runs specshift's comparison of two OpenAPI documents, and nothing else of it: each line in has two documents, each line
out the breaks that it finds.

Only `specshift.differ.diff_specs` is called, a function of two values. The package has more (summaries by an AI service,
messages to chat services, a web page, loading from URLs): whatever would connect, start a program, write a file or import
those modules stops this process.
"""

import json
import sys

from specshift.differ import diff_specs

_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "urllib.",
    "http.",
    "webbrowser.",
    "shutil.",
    "os.remove",
    "os.rename",
    "ctypes.",
)
_UNWANTED = ("specshift.ai_summary", "specshift.notifier", "specshift.webapp", "specshift.cli")


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    writes = event == "open" and (arguments[1] is not None and set(str(arguments[1])) & set("wax+"))
    unwanted = event == "import" and arguments[0] in _UNWANTED
    if event.startswith(_FORBIDDEN) or writes or unwanted:
        raise PermissionError(f"specshift is only to compare, and tried: {event} {arguments}")


def main() -> None:
    imported = sorted(set(_UNWANTED) & sys.modules.keys())
    if imported:
        raise PermissionError(f"importing specshift brought {', '.join(imported)} along")
    sys.addaudithook(_watch)
    for line in sys.stdin:
        question = json.loads(line)
        changes = diff_specs(question["old"], question["new"]).breaking_changes
        answer = [
            {"location": change.location, "message": change.message, "category": change.category} for change in changes
        ]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
