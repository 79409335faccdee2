"""Check that everything that this project keeps is whole: a line for each kind of thing and damage.

It looks at the table of releases, the notes, the results with their Records and everything beside
them, and the environments that have been made. It changes nothing.

exit code: 0; 2 if something is damaged.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from asv.util import load_json

from tools.environments import environment
from tools.foundation.errors import Damaged, Mendable
from tools.foundation.paths import ROOT
from tools.judging import verdict
from tools.releases.release_table import TABLE, Release, load
from tools.report import notes
from tools.results import history

Finding = tuple[str, list[str]]
"""What was looked at, and what is wrong with it."""


def examine() -> Iterator[Finding]:
    """All there is, one kind after the other."""
    try:
        releases = load()
    except Mendable as error:
        yield TABLE.name, [str(error)]
        return
    yield f"{TABLE.name}: {len(releases)} releases", []
    said, wrong = notes.load({release.name for release in releases})
    yield f"{notes.FILE.name}: {len(said)} notes", wrong
    results = ROOT / "results"
    yield from _results(results, releases)
    yield _floors(results)
    yield _environments(releases)


def _results(results: Path, releases: list[Release]) -> Iterator[Finding]:
    problems: list[str] = []
    table = history.load(results, releases, problems)
    measured = table.filter(status="measured")
    machines = measured["machine"].n_unique()
    yield f"results: {len(measured):,} numbers of {machines} machines", problems
    wrong: list[str] = []
    count = sum(1 for _ in history.records(results, wrong))
    yield f"records: {count:,} Records", [line for line in wrong if line not in problems]


def _floors(results: Path) -> Finding:
    count, wrong = 0, []
    for file in sorted(results.glob("*/noise.jsonl")):
        try:
            count += len(verdict.floors(file))
        except Damaged as error:
            wrong.append(str(error))
    return f"noise: {count:,} floors", wrong


def _environments(releases: list[Release]) -> Finding:
    """Of those that have been made: what is damaged is made again when it is next needed."""
    conf = load_json(str(ROOT / "asv.conf.json"), js_comments=True)
    folder = Path(ROOT, conf["env_dir"])
    made = [release for release in releases if (folder / release.name).exists()]
    wrong = [
        f"{folder / release.name} is damaged or out of date: the next run makes it again"
        for release in made
        if not environment.is_whole(folder / release.name, release)
    ]
    return f"environments: {len(made)} made", wrong


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.doctor", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    found = []
    for what, wrong in examine():
        found.append({"what": what, "wrong": wrong})
        if not args.json:
            print(f"{'damaged' if wrong else 'ok':8}{what}")
            for line in wrong:
                print(f"        {line}")
    if args.json:
        print(json.dumps(found, indent=1))
    return 2 if any(one["wrong"] for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
