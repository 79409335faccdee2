"""What a nightly run needs beside the other commands, as plain commands for any CI.

``python -m tools.ci new``               the rows of releases.toml that git's HEAD lacks, as JSON
                                         for a matrix: each with the release before it
``python -m tools.ci new RANGE``         these releases, whether new or not
``python -m tools.ci summary RELEASE…``  what changed in each since the one before it, as markdown
``python -m tools.ci issues RELEASE…``   one issue for each regression, opened or updated with `gh`

A regression is a metric of an op that is worse, whatever its dtypes, devices and sizes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from .errors import Mendable
from .releases import TABLE, Release, ReleaseError, find, load, select
from .workers import ROOT

NOTHING = 3
"""tools.compare's exit code where nothing could be compared."""


def pairs(chosen: list[Release], releases: list[Release]) -> list[dict[str, str]]:
    """Names of the ``chosen`` and of the release of the same library before each."""
    found = []
    for release in chosen:
        mine = [other for other in releases if other.library == release.library]
        place = mine.index(release)
        previous = mine[place - 1].name if place else release.name
        found.append({"release": release.name, "previous": previous})
    return found


def new(before: str, releases: list[Release]) -> list[Release]:
    """The ``releases`` that the table ``before`` (its text) lacks. Raises ReleaseError."""
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder, TABLE.name)
        old.write_text(before, encoding="utf-8")
        known = {release.hash for release in load(old)}
    return [release for release in releases if release.hash not in known]


def regressions(compared: dict) -> dict[str, list[dict]]:
    """The rows of a comparison (tools.compare's JSON) that are worse, by the title of an issue."""
    found = defaultdict(list)
    after = compared["after"]
    for row in compared["rows"]:
        if row["verdict"] == "worse":
            what = " of ".join(filter(None, (row["metric"], row["op"])))
            found[f"{after['library']} {after['version']}: {what} is worse"].append(row)
    return dict(found)


def body(rows: list[dict]) -> str:
    """An issue's text: its rows as a table."""
    names = ("backend", "device", "dtype", "region", "size", "before", "after", "ratio", "unit")
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    for row in rows:
        cells = ("" if row.get(name) is None else str(row[name]) for name in names)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def compare(pair: dict[str, str], form: str) -> str:
    """What tools.compare prints of a release and the one before it; empty where it has nothing to
    compare. Raises ReleaseError."""
    command = [sys.executable, "-m", "tools.compare", pair["previous"], pair["release"]]
    done = subprocess.run([*command, "--format", form], cwd=ROOT, capture_output=True, text=True)
    if done.returncode == NOTHING:
        return ""
    if done.returncode:
        raise ReleaseError(f"{pair['release']} was not compared: {done.stderr.strip()}")
    return done.stdout


def open_issue(title: str, text: str) -> None:
    """Open the issue called ``title``, or give it this text. Raises ReleaseError."""
    listed = _gh("issue", "list", "--state", "all", "--search", f'in:title "{title}"',
                 "--json", "number,title", "--limit", "100")  # fmt: skip
    same = [issue["number"] for issue in json.loads(listed) if issue["title"] == title]
    if same:
        _gh("issue", "edit", str(same[0]), "--body-file", "-", given=text)
    else:
        _gh("issue", "create", "--title", title, "--body-file", "-", given=text)


def _gh(*args: str, given: str = "") -> str:
    done = subprocess.run(["gh", *args], input=given, capture_output=True, text=True)
    if done.returncode:
        raise ReleaseError(f"gh {args[0]} {args[1]}: {done.stderr.strip()}")
    return done.stdout


def main(argv: list[str] | None = None) -> int:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tools.ci", description=__doc__, formatter_class=raw
    )
    parser.add_argument("command", choices=["new", "summary", "issues"])
    parser.add_argument("releases", nargs="*", metavar="RELEASE")
    args = parser.parse_args(argv)
    try:
        releases = load()
        if args.command == "new" and args.releases:
            chosen = select(" ".join(args.releases), releases)
        elif args.command == "new":
            chosen = new(_committed(), releases)
        else:
            chosen = [find(name, releases) for name in args.releases]
        _do(args.command, pairs(chosen, releases))
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _do(command: str, found: list[dict[str, str]]) -> None:
    if command == "new":
        print(json.dumps({"include": found}))
    for pair in found:
        if command == "summary":
            text = compare(pair, "markdown") or "Nothing to compare.\n"
            print(f"## {pair['release']} after {pair['previous']}\n\n{text}")
        elif command == "issues" and (compared := compare(pair, "json")):
            for title, rows in regressions(json.loads(compared)).items():
                open_issue(title, body(rows))
                print(title)


def _committed() -> str:
    done = subprocess.run(["git", "show", f"HEAD:{TABLE.name}"], cwd=ROOT, capture_output=True,
                          text=True)  # fmt: skip
    if done.returncode:
        raise ReleaseError(f"git has no {TABLE.name}: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
