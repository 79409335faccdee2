"""Every step in a number from one release to the next, improvements as well as regressions."""

from __future__ import annotations

import itertools

import polars as pl

from benchmarks import levels, ops
from tools.judging import bands, verdict
from tools.report.facts import at_levels
from tools.report.site import LEVEL_TITLES, Site, with_place
from tools.report.words import listed

ENDS = ("before_release", "after_release")
ERRORS = ("max_ulp", "max_ulp_exact", "max_ulp_search")
_SERIES = ("machine", "benchmark", "metric", "unit", "op", "dtype", "region", "size", "variant",
           "device", "backend", "processor")  # fmt: skip
_SIDE = ("value", "low", "high", "status", "release")
_QUICK = ("machine", "op", "backend", "device", "dtype")
_SELDOM = ("max_ulp_exact", "max_ulp_search")
_WIDE = ("float32", "float64")
# Where people use a function, then where they may; what is left are the ends of the range.
_REGIONS = {"usual": 0, "normal": 1}
_COMMON = [name for name, row in ops.OPS.items() if row.common]
_BEYOND = set(at_levels.BEYOND.values())
_FUNCTION = ("backend", "op", "dtype", *ENDS)


def steps(site: Site) -> pl.DataFrame:
    """Rows of each number with that of the release before it, where the verdict is better or worse;
    those that matter first: errors that leave a band, in float32 and float64, where people use a
    function, by as many bands, of common functions; then large ratios.

    The release before is the one of the same library that was last measured in it, on the same
    machine and processor. How far TensorFlow is from the NumPy beside it is left out: neither is
    the worse for that. ``gap`` tells where releases between the two have no such number; ``where``
    at which levels or on whose processors alone a function's errors changed, ``levels`` at which
    they did, ``level`` that of the row.
    """
    # Without any results: no rows, but all columns.
    machines = site.machines or ["none"]
    found = with_place(pl.concat(_of_machine(site, machine) for machine in machines))
    found = found.join(_where(site, found), on=_FUNCTION, how="left", nulls_equal=True)
    found = _since_when(site, _at_own_levels(found)).with_columns(
        where=pl.col("where").fill_null(""),
        step=_step(),
        crossed=bands.crossed("before", "after"),
    )
    # By everything that tells rows apart, or equal steps would change places from run to run.
    rest = ["op", "dtype", "place", "device", "backend", "metric", "after_release", "machine"]
    speed = pl.col("unit").is_in(verdict.MEASURES)  # which has neither bands nor regions
    ranks = [
        pl.col("crossed") == 0,
        ~pl.col("dtype").is_in(_WIDE).fill_null(True) & ~speed,
        pl.when(speed).then(0).otherwise(pl.col("place").replace_strict(_REGIONS, default=2)),
        -pl.col("crossed"),
        ~pl.col("op").is_in(_COMMON).fill_null(False) & ~speed,
        -pl.col("step"),
    ]
    placed = at_levels.with_level(site, found.sort(*ranks, *rest))
    of_errors = pl.col("metric").is_in(ERRORS) & pl.col("levels").is_not_null()
    return placed.with_columns(
        levels=pl.when(of_errors).then("levels").otherwise(pl.concat_list("level"))
    )


def _where(site: Site, found: pl.DataFrame) -> pl.DataFrame:
    """By function and releases, where alone its errors changed, like ``with AVX-512 (v4) alone`` or
    ``on CPUs of Intel alone``; "" where they did wherever one was measured after the other."""
    measured = site.measured.filter(pl.col("op").is_not_null(), metric="max_ulp")
    measured = measured.select(*_QUICK, "release").unique(maintain_order=True)
    # Only who measured one right after the other could show just this step.
    both = measured.with_columns(
        before_release=pl.col("release").shift(1).over(_QUICK), after_release=pl.col("release")
    )
    errors = found.filter(pl.col("metric").is_in(ERRORS), pl.col("op").is_not_null())
    both = both.join(errors.select(_FUNCTION).unique(), on=_FUNCTION, how="semi")
    seen, known = (_places(site, rows) for rows in (errors, both))
    told = seen.join(known, on=_FUNCTION, suffix="_known")
    columns = told.select("levels", "levels_known", "makers", "makers_known").rows()
    text = [_alone(*one) for one in columns]
    return told.select(*_FUNCTION, "levels").with_columns(where=pl.Series(text, dtype=pl.String))


def _alone(held: list, all_held: list, makers: list, all_makers: list) -> str:
    if "v4" not in all_held:
        # Only v4 without a feature beyond it can tell that a change is that feature's.
        held, all_held = (["v4" if level in _BEYOND else level for level in some]
                          for some in (held, all_held))  # fmt: skip
    if 0 < len(held) < len(all_held):
        titles = [LEVEL_TITLES.get(level, level.upper()) for level in held]
        return f"with {listed(titles)} alone"
    if 0 < len(makers) < len(all_makers):
        return f"on CPUs of {listed(makers)} alone"
    return ""


def _places(site: Site, rows: pl.DataFrame) -> pl.DataFrame:
    """By function and releases, the levels and the makers of processors of ``rows``. A processor
    that has more for a dtype than its level is of neither."""
    more = [
        (machine, dtype, feature)
        for machine in site.machines
        for dtype, feature in at_levels.BEYOND.items()
        if feature in site.features(machine)
    ]
    names = dict.fromkeys(["machine", "dtype", "beyond"], pl.String)
    beyond = pl.DataFrame(more, names, orient="row").with_columns(device=pl.lit("cpu"))
    makers = pl.col("machine").replace_strict(site.makers, default="", return_dtype=pl.String)
    placed = at_levels.with_level(site, rows).join(
        beyond, on=["machine", "dtype", "device"], how="left"
    )
    placed = placed.with_columns(
        level=pl.coalesce("beyond", "level"),
        maker=pl.when(pl.col("beyond").is_null()).then(makers).otherwise(pl.lit("")),
    )
    order = {level: place for place, level in enumerate(at_levels.ORDER)}
    placed = placed.sort(pl.col("level").replace_strict(order, default=len(order)), "maker")
    return placed.group_by(_FUNCTION, maintain_order=True).agg(
        levels=pl.col("level").filter(pl.col("level") != "unknown").unique(maintain_order=True),
        makers=pl.col("maker").filter(pl.col("maker") != "").unique(maintain_order=True),
    )


def _at_own_levels(found: pl.DataFrame) -> pl.DataFrame:
    """Without the steps at a level of x86-64 that are those of a processor's own best, too."""
    held = pl.col("device").is_in(list(levels.OF_DEVICE))
    same = ["benchmark", "op", "dtype", "place", "backend", *ENDS, "before", "after"]
    own = found.filter(~held)
    return pl.concat([own, found.filter(held).join(own, on=same, how="anti", nulls_equal=True)])


def _since_when(site: Site, found: pl.DataFrame) -> pl.DataFrame:
    """With ``gap``, and without steps of sweeps and searches over releases of which the quick
    profile knows better: few have one, and what changed in the first of them changed before."""
    known: dict[tuple, list[int]] = {}
    asked = found.filter(pl.col("metric").is_in(_SELDOM))
    quick = site.measured.filter(pl.col("metric") == "max_ulp")
    quick = quick.join(asked, on=[*_QUICK], how="semi")
    for *key, release in quick.select(*_QUICK, "region", "release").rows():
        known.setdefault(tuple(key), []).append(site.order[release])
    names: dict[str, list[str]] = {}
    for row in site.releases:
        names.setdefault(row["library"], []).append(row["release"])
    neighbours = {pair for mine in names.values() for pair in itertools.pairwise(mine)}
    ends = found.select(ENDS).unique()
    gap = ends.with_columns(
        gap=pl.Series([pair not in neighbours for pair in ends.rows()], dtype=pl.Boolean)
    )
    found = found.join(gap, on=ENDS, how="left", maintain_order="left")
    seldom = pl.col("metric").is_in(_SELDOM)
    keep = []
    for *key, before, after in asked.select(*_QUICK, "place", *ENDS).rows():
        between = range(site.order[before] + 1, site.order[after])
        keep.append(not any(place in between for place in known.get(tuple(key), ())))
    rest = found.filter(seldom).filter(pl.Series(keep, dtype=pl.Boolean))
    return pl.concat([found.filter(~seldom), rest])


def _step() -> pl.Expr:
    """How large a step is, up or down: a ratio.

    Errors count from half an ULP on, since all up to that are of correctly rounded results; counts
    begin at 0, and one more is a small step.
    """
    least = pl.when(pl.col("unit") == "ulp").then(0.5).otherwise(0.0)
    more = pl.when(pl.col("unit").is_in([*verdict.MEASURES, "ulp"])).then(0).otherwise(1)
    larger = pl.max_horizontal("before", "after", least) + more
    smaller = pl.max_horizontal(pl.min_horizontal("before", "after"), least) + more
    return larger / smaller


def _of_machine(site: Site, machine: str) -> pl.DataFrame:
    floors = site.floors(machine)
    processors = site.processors(machine)
    rows = (
        site.on(machine)
        .filter(pl.col("backend").is_not_null(), pl.col("metric") != "distance_ulp")
        .with_columns(
            processor=pl.col("release").replace_strict(processors, return_dtype=pl.String)
        )
    )
    before = [pl.col(name).shift(1).over(_SERIES).alias(f"before_{name}") for name in _SIDE]
    pairs = (
        rows.with_columns(before)
        .drop_nulls("before_value")
        .with_columns(after_backend="backend", before_backend="backend")
        .rename({name: f"after_{name}" for name in _SIDE})
        .rename({"before_value": "before", "after_value": "after"})
    )
    return verdict.judge(pairs, floors).filter(pl.col("verdict").is_in(["better", "worse"]))
