"""What a nightly run needs beside the other commands, as plain commands for any CI.

``python -m tools.ci new``        the releases in the table that are not measured yet, as JSON for a
                                  matrix, newest first: each with the release before it
``python -m tools.ci new RANGE``  these releases, whether measured or not
``python -m tools.ci summary``    what changed in each release lately measured, as markdown
``python -m tools.ci issues``     one issue for each of them that is worse than the one before it,
                                  opened or brought up to date with `gh`

Every command may run again, with the same end. A speed is told of only where the machine's noise
has been measured (tools.noise).

exit code: 0; 2 for what you can mend, when all else is done.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from . import asv_files, compare_text, comparison, coverage, history
from .comparison import Comparison, Incomparable
from .errors import Damaged, Mendable
from .releases import Release, ReleaseError, find, load, select
from .workers import ROOT

RESULTS = ROOT / "results"
NEWS = 90
MOST = 256
"""Jobs that GitHub makes of one matrix."""


class HubError(Mendable):
    """What `gh` says."""


def before(release: Release, releases: list[Release]) -> Release | None:
    """The one of the same library before ``release``; None for the first."""
    mine = [other for other in releases if other.library == release.library]
    place = mine.index(release)
    return mine[place - 1] if place else None


def machines(results: Path, name: str | None) -> list[str]:
    """Those with results that are ``name``, or NAME-FEATURES (tools/machine.py); without a name,
    all."""
    found = sorted(path.parent.name for path in results.glob("*/machine.json"))
    return [one for one in found if name is None or one == name or one.startswith(f"{name}-")]


def is_measured(results: Path, release: Release, machine: str | None) -> bool:
    """Whether one of the :func:`machines` has measured all of ``release`` that there is."""
    known = asv_files.benchmarks(results).values()
    known = [one for one in known if isinstance(one, dict)]
    files = (results / one for one in machines(results, machine))
    paths = itertools.chain(*(folder.glob(f"{release.hash[:8]}-*.json") for folder in files))
    return any(_is_whole(path, known) for path in paths)


def _is_whole(path: Path, known: list[dict]) -> bool:
    try:
        file = asv_files.load(path, 2)
        return all(
            coverage.results(file, one).keys() >= set(coverage.combinations(one["params"]))
            for one in known
        )
    except (Damaged, ValueError, TypeError, KeyError, AttributeError):
        return False


def new(releases: list[Release], machine: str | None, results: Path) -> list[Release]:
    """The ``releases`` that are not measured, newest first."""
    return [one for one in reversed(releases) if not is_measured(results, one, machine)]


def matrix(chosen: list[Release], releases: list[Release]) -> dict:
    """GitHub's: a job for each of the ``chosen``, with the release before it, "" for the first."""
    rows = []
    for release in chosen:
        previous = before(release, releases)
        rows.append({"release": release.name, "previous": previous.name if previous else ""})
    return {"include": rows}


def lately(table: pl.DataFrame, days: int, now: dt.datetime) -> list[str]:
    """The names of releases in ``table`` that were measured in the last ``days``, and are not
    older than NEWS days: nobody waits for news of those with which a history is filled."""
    since, news = (now - dt.timedelta(days=days) for days in (days, NEWS))
    found = table.filter(pl.col("started") >= since, pl.col("uploaded") >= news.date())
    return found["release"].unique(maintain_order=True).to_list()


def compare(release: Release, releases: list[Release], machine: str | None,
            results: Path) -> Comparison | None:  # fmt: skip
    """``release`` after the one before it, on the one of the :func:`machines` with most numbers of
    both; None where there is nothing to compare. Raises Damaged."""
    previous = before(release, releases)
    if previous is None:
        return None
    table = history.load(results, releases, only=(previous, release))
    table = table.filter(pl.col("machine").is_in(machines(results, machine)))
    try:
        return comparison.compare(results, table, previous, release)
    except Incomparable:
        return None


def worse(found: Comparison) -> pl.DataFrame:
    """Rows that are worse for certain: of times those with a noise floor that was measured."""
    return found.rows.filter(verdict="worse", assumed=False)


def title(found: Comparison) -> str:
    """By which an issue is known again, whatever its text says by then."""
    return f"{found.after.name} is worse than {found.before.name}"


def body(found: Comparison, site: str = "") -> str:
    """An issue's text: whose numbers, how many are worse, the largest of them as a table."""
    rows = worse(found)
    pythons = " and ".join(
        f"{release.name} on Python {python or '(not known)'}"
        for release, python in zip((found.before, found.after), found.pythons, strict=True)
    )
    ops = rows["op"].drop_nulls().n_unique()
    lines = [
        f"{len(rows)} numbers of {ops} functions are worse in {found.after.name} than in "
        f"{found.before.name}, on machine {found.machine}; {pythons}.",
        *found.notes,
    ]
    if site:
        address = f"{site.rstrip('/')}/changes.html#{found.after.name}"
        lines.append(f"All changes of this release: {address}")
    return "\n\n".join([*lines, compare_text.markdown_of(rows)])


def open_issue(title: str, text: str) -> str:
    """Open the issue called ``title``, or give it this text, whether open or closed: "opened",
    "brought up to date", "as it was". Raises HubError."""
    listed = _gh("issue", "list", "--state", "all", "--search", f'in:title "{title}"',
                 "--json", "number,title,body", "--limit", "100")  # fmt: skip
    same = [issue for issue in json.loads(listed) if issue["title"] == title]
    if not same:
        _gh("issue", "create", "--title", title, "--body-file", "-", given=text)
        return "opened"
    if same[0]["body"].replace("\r\n", "\n").strip() == text.strip():
        return "as it was"
    _gh("issue", "edit", str(same[0]["number"]), "--body-file", "-", given=text)
    return "brought up to date"


def _gh(*args: str, given: str = "") -> str:
    try:
        done = subprocess.run(["gh", *args], input=given, capture_output=True, text=True)
    except FileNotFoundError:
        raise HubError("`gh`, GitHub's command, is not here") from None
    if done.returncode:
        raise HubError(f"gh {args[0]} {args[1]}: {' '.join(done.stderr.split())}")
    return done.stdout


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
            compare_text.markdown(found) if found else f"## {release.name}\n\nNothing to compare."
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
        except (Mendable, ReleaseError) as error:
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
