"""What a nightly run needs beside the other commands, as plain commands for any CI.

``python -m tools.ci new``        the releases that are not measured yet, newest first, each with
                                  the release before it: as JSON for a matrix
``python -m tools.ci new RANGE``  these releases, whether they are measured or not
``python -m tools.ci summary``    what changed in each release measured lately, as markdown
``python -m tools.ci issues``     one issue for each of these that is worse than the one before it,
                                  opened or brought up to date with `gh`

Every command may be repeated; the outcome is the same. Speeds are mentioned only if the machine's
noise has been measured (tools.noise).

exit code: 0; 2 for something that you can mend, after everything else is done.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator

import polars as pl

from tools.foundation.errors import Mendable
from tools.foundation.paths import RESULTS
from tools.judging import comparison_text
from tools.nightly.issues import body, compare, open_issue, title, worse
from tools.nightly.missing import MOST, lately, machines, matrix, new
from tools.releases.release_table import Release, find, load, select
from tools.results import history


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.ci", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("command", choices=COMMANDS)
    add("releases", nargs="*", metavar="RELEASE", help="instead of new, or lately measured, ones")
    add("--machine", metavar="NAME", help="whose numbers: NAME, or NAME-FEATURES (default: any)")
    add("--limit", type=int, default=8, metavar="N", help="of new ones (default: %(default)s)")
    add("--days", type=int, default=14, metavar="N", help="lately (default: %(default)s)")
    add("--site", default="", metavar="ADDRESS", help="of the published pages, for links")
    args = parser.parse_args(argv)
    if not 0 < args.limit <= MOST:
        parser.error(f"--limit is from 1 to {MOST}")
    try:
        releases = load()
        return COMMANDS[args.command](args, releases)
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _new(args: argparse.Namespace, releases: list[Release]) -> int:
    if args.releases:
        chosen = list(reversed(select(" ".join(args.releases), releases)))
    else:
        chosen = new(releases, args.machine, RESULTS)
    if left := chosen[args.limit :]:
        print(f"{len(left)} more are for another night: {left[0].name}, …", file=sys.stderr)
    print(json.dumps(matrix(chosen[: args.limit], releases)))
    return 0


def _each(args: argparse.Namespace, releases: list[Release]) -> Iterator[Release]:
    if args.releases:
        yield from (find(name, releases) for name in args.releases)
        return
    table = history.load(RESULTS, releases)
    mine = table.filter(pl.col("machine").is_in(machines(RESULTS, args.machine)))
    for name in lately(mine, args.days, dt.datetime.now(dt.UTC)):
        yield find(name, releases)


def _summary(args: argparse.Namespace, releases: list[Release]) -> int:
    for release in _each(args, releases):
        found = compare(release, releases, args.machine, RESULTS)
        print(
            comparison_text.markdown(found)
            if found
            else f"## {release.name}\n\nNothing to compare."
        )
        print()
    return 0


def _issues(args: argparse.Namespace, releases: list[Release]) -> int:
    code = 0
    for release in _each(args, releases):
        try:
            found = compare(release, releases, args.machine, RESULTS)
            if found and len(worse(found)):
                print(f"{title(found)}: {open_issue(title(found), body(found, args.site))}")
        except Mendable as error:
            print(f"error: {release.name}: {error}", file=sys.stderr)
            code = 2
    return code


COMMANDS: dict[str, Callable[[argparse.Namespace, list[Release]], int]] = {
    "new": _new,
    "summary": _summary,
    "issues": _issues,
}

if __name__ == "__main__":
    sys.exit(main())
