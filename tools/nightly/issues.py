"""One issue for a release that is worse than the one before it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import polars as pl

from tools.foundation.errors import Mendable
from tools.judging import comparison, comparison_text
from tools.judging.comparison import Comparison, Incomparable
from tools.nightly.missing import before, machines
from tools.releases.release_table import Release
from tools.results import history


class HubError(Mendable):
    """What `gh` says."""


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
        f"Numbers that are worse in {found.after.name} than in {found.before.name}: {len(rows)}. "
        f"Functions: {ops}. Machine: {found.machine}; {pythons}.",
        *found.notes,
    ]
    if site:
        address = f"{site.rstrip('/')}/changes.html#{found.after.name}"
        lines.append(f"All changes of this release: {address}")
    return "\n\n".join([*lines, comparison_text.markdown_of(rows)])


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
