"""What the history shows, told from the numbers, with what the authors say of it (notes.py)."""

from __future__ import annotations

import itertools

import polars as pl

from benchmarks.libraries import FIRST
from tools.report import notes
from tools.report.facts import (
    call_cost,
    call_instructions,
    result_variants,
    roots_of_2017,
    worst_inputs,
)
from tools.report.facts.seed_question import right_since
from tools.report.facts.sentences import faster, newest_releases, same_results
from tools.report.site import Site
from tools.report.steps import highlights
from tools.report.steps.between import ENDS

_SHOWN = 10
_BOTH = 20
_WIDE = ("float32", "float64")


def write(site: Site, steps: pl.DataFrame) -> None:
    site.page("findings.html", "findings.html", title="Findings", **facts(site, steps))


def facts(site: Site, steps: pl.DataFrame) -> dict:
    """What templates/findings.html and findings.md say."""
    newest = newest_releases(site)
    libraries = sorted(newest)
    all_errors, all_times = highlights.errors(steps), highlights.times(steps)
    errors, times = highlights.by_function(all_errors), highlights.by_function(all_times)
    usual = highlights.errors(steps, ("usual",)).filter(pl.col("dtype").is_in(_WIDE))
    return {
        "history": _history(site),
        "sentences": [same_results(site), faster(site)],
        "since": right_since(site),
        "roots": roots_of_2017.then(site),
        "printout": roots_of_2017.printout(site),
        "most": {library: _most(errors, times, library) for library in libraries},
        "errors": _by_library(site, errors, libraries),
        "usual": _by_library(site, highlights.by_function(usual), libraries),
        "times": _by_library(site, times, libraries),
        "calls": call_cost.steps(site),
        "counted": call_instructions.largest(site, libraries, _SHOWN),
        "of_c": [
            one for library in libraries
            for one in call_instructions.of_c_library(site, FIRST[library])
        ],
        "trades": _groups(site, highlights.together(all_errors, all_times, "worse").head(_BOTH)),
        "gains": _groups(site, highlights.together(all_errors, all_times, "better").head(_BOTH)),
        "lately": [_of_newest(site, row["release"], errors, times) for row in newest.values()],
        "makers": result_variants.by_maker(site),
        "held": _of_levels(site, all_errors, libraries),
        "alone": [highlights.alone(all_errors, library) for library in libraries],
    }  # fmt: skip


def _of_levels(site: Site, errors: pl.DataFrame, libraries: list[str]) -> dict[str, list[dict]]:
    """By library, whose errors left a band with AVX-512 alone, or with a part of it: the functions
    by release, instruction set and verdict, oldest release first."""
    found = {}
    mine = errors.filter(pl.col("where").str.contains("AVX-?512"), pl.col("crossed") > 0)
    for library in libraries:
        rows = mine.filter(library=library).unique(
            ["backend", "op", "dtype", *ENDS], keep="first", maintain_order=True
        )
        groups = rows.group_by("after_release", "where", "verdict", maintain_order=True).agg(
            ops=pl.concat_str("op", pl.lit(" "), "dtype").unique(maintain_order=True)
        )
        order = sorted(groups.to_dicts(), key=lambda one: site.order[one["after_release"]])
        found[library] = order
    return found


def _history(site: Site) -> list[dict]:
    """By library: how many releases, the first and the last."""
    found = []
    for library in sorted({row["library"] for row in site.releases}):
        mine = [row["version"] for row in site.releases if row["library"] == library]
        found.append({"library": library, "count": len(mine), "first": mine[0], "last": mine[-1]})
    return found


def _most(errors: pl.DataFrame, times: pl.DataFrame, library: str) -> dict[str, dict | None]:
    """The largest step of each kind, None where there is none."""
    found = {}
    for kind, rows in [("error", errors), ("time", times)]:
        for verdict in ("worse", "better"):
            largest = rows.filter(library=library, verdict=verdict).head(1).to_dicts()
            found[f"{kind}_{verdict}"] = largest[0] if largest else None
    return found


def _by_library(site: Site, rows: pl.DataFrame, libraries: list[str]) -> dict[str, list[dict]]:
    return {
        library: _groups(site, rows.filter(library=library).head(_SHOWN)) for library in libraries
    }


def _groups(site: Site, rows: pl.DataFrame) -> list[dict]:
    """Steps by release, in the order of versions, with what the authors say of these functions."""
    found = []
    of_release = sorted(rows.to_dicts(), key=lambda one: site.order[one["after_release"]])
    for release, mine in itertools.groupby(of_release, key=lambda one: one["after_release"]):
        steps = [one | {"worst": worst_inputs.of_step(site, one)} for one in mine]
        said = [
            note | {"of": list(dict.fromkeys(one["op"] for one in about))}
            for note in site.notes
            if (about := [one for one in steps if notes.fits(note, one)])
        ]
        found.append({"release": release, "steps": steps, "notes": said})
    return found


def _of_newest(site: Site, release: str, errors: pl.DataFrame, times: pl.DataFrame) -> dict:
    mine = {
        kind: _groups(site, rows.filter(after_release=release).head(_SHOWN))
        for kind, rows in [("errors", errors), ("times", times)]
    }
    pythons = site.two_pythons(times.filter(after_release=release))
    return {"release": release, "pythons": pythons, **mine}
