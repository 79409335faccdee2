"""What the numbers of the day say, in sentences: for the start page and the findings."""

from __future__ import annotations

import polars as pl

from benchmarks import libraries
from benchmarks.libraries import BY_NAME, FIRST, QUESTION
from benchmarks.process import release_under_test
from tools.report.site import Site
from tools.report.steps import by_function
from tools.report.words import listed

# As many representable numbers apart, two results agree but for their last digit.
_NEAR = 4
_NAMED = 4
SIZES = (1, 1000, 1000000)
OURS, THEIRS = QUESTION
"""The two libraries of the question; each is called by its first backend."""
BACKENDS = [FIRST[library] for library in QUESTION]
_EAGER = pl.col("backend").is_in(BACKENDS) & (pl.col("device") == "cpu")
_FLOAT32 = pl.col("dtype") == "float32"
# What holds the two against each other: functions of float32 on the CPU.
TIMED = (
    pl.col("metric") == "time",
    pl.col("benchmark").str.contains("Elementwise"),
    _FLOAT32,
    _EAGER,
)
_APART = (pl.col("metric") == "distance_ulp", _FLOAT32, pl.col("device") == "cpu")
DISTANCE = (*_APART, _EAGER)


def newest_releases(site: Site) -> dict[str, dict]:
    """By library, the newest release with numbers of functions, on whichever machine."""
    rows = site.measured.filter(pl.col("op").is_not_null())
    return newest(site, rows)


def newest_on(site: Site, machine: str) -> dict[str, dict]:
    """By library, the newest release with numbers of functions on ``machine``."""
    return newest(site, site.on(machine).filter(pl.col("op").is_not_null()))


def newest(site: Site, rows: pl.DataFrame) -> dict[str, dict]:
    """By library, the newest release that has any of ``rows``."""
    has = set(rows["release"].unique())
    return {row["library"]: row for row in site.releases if row["release"] in has}


def holder(site: Site, libraries: tuple[str, ...], *which: pl.Expr) -> tuple[str, dict[str, dict]]:
    """The machine that has such numbers of the newest releases, and these, by library.

    Each of ``libraries`` has them there, on one processor; the machine here comes first, then the
    first library's release counts, then how many numbers there are. ("", {}) where no machine has.
    """
    best: tuple[str, dict[str, dict]] = ("", {})
    rank = None
    for machine in site.machines:
        rows = site.on(machine).filter(pl.col("library").is_in(libraries), *which)
        found = newest(site, rows)
        releases = [found[library]["release"] for library in libraries if library in found]
        processors = {site.processors(machine)[name] for name in releases} - {None}
        if len(releases) == len(libraries) and len(processors) <= 1:
            count = len(rows.filter(pl.col("release").is_in(releases)))
            mine = [machine == site.here, *(site.order[name] for name in releases), count]
            if rank is None or mine > rank:
                best, rank = (machine, found), mine
    return best


def another_way(backend: str, before: str, after: str) -> bool:
    """Whether ``backend`` calls the functions of these releases in two ways, like TensorFlow 1's
    sessions and 2's eager calls."""
    modules = {
        libraries.module(backend, library, release_under_test.numbers(version))
        for library, _, version in (name.partition("-") for name in (before, after))
    }
    return len(modules) > 1


def cpu(site: Site, machine: str) -> str:
    """``AMD CPU with AVX-512, MACHINE``, as far as that is known and there are several."""
    if len(site.machines) == 1:
        return "CPU"
    kind = site.kinds[machine].partition(",")[0]
    whose = " ".join(filter(None, [site.makers[machine], "CPU", kind]))
    return f"{whose}, {machine}"


def same_results(site: Site, library: str = THEIRS) -> str:
    """How far the newest release of ``library`` is from the NumPy that is installed with it."""
    ours, theirs = BY_NAME[OURS].title, BY_NAME[library].title
    if library not in newest_releases(site):
        return f"No release of {theirs} has been measured yet."
    which = (*_APART, pl.col("backend") == FIRST[library])
    machine, found = holder(site, (library,), *which)
    if not machine:
        return f"{theirs} has not been held against {ours} yet."
    release = found[library]
    rows = site.on(machine).filter(*which, release=release["release"])
    apart = pl.col("value")
    far = rows.filter(apart > _NEAR).sort(-apart)["op"].to_list()
    near = len(rows.filter(apart > 0, apart <= _NEAR))
    text = (
        f"In {len(rows.filter(apart == 0))} of {len(rows)} functions, {theirs} "
        f"{release['version']} gives exactly the float32 results of the {ours} installed with it "
        f"({cpu(site, machine)})."
    )
    if near:
        text += f" In {near} more, results differ by at most {_NEAR} representable numbers."
    if far:
        named = far if len(far) <= _NAMED + 1 else [*far[:_NAMED], f"{len(far) - _NAMED} others"]
        text += f" They differ by more in {listed(named)}."
    return text


def faster(site: Site) -> str:
    machine, newest = holder(site, (THEIRS, OURS), *TIMED)
    if not machine:
        return "How fast they are has not been measured here yet."
    ours, theirs = (
        site.on(machine).filter(*TIMED, release=newest[library]["release"]) for library in QUESTION
    )
    both = ours.join(theirs, on=["benchmark", "op", "size"], suffix="_theirs")
    parts = []
    for size in SIZES:
        rows = both.filter(size=size)
        if len(rows):
            quicker = len(rows.filter(pl.col("value") < pl.col("value_theirs")))
            numbers = "one number" if size == 1 else f"{size:,} numbers"
            parts.append(f"{numbers} in {quicker} of {len(rows)}")
    if not parts:
        return "How fast they are has not been measured here yet."
    first, second = (f"{BY_NAME[one].title} {newest[one]['version']}" for one in QUESTION)
    return (
        f"{first} is faster than {second} on {listed(parts)} functions (float32, "
        f"{cpu(site, machine)}, each called as its users call it)."
    )


def lately(site: Site, steps: pl.DataFrame) -> str:
    for row in reversed(site.releases):
        mine = steps.filter(after_release=row["release"])
        if len(mine):
            told = by_function.words(by_function.accuracy(mine), by_function.speed(mine))
            pythons = site.two_pythons(mine)
            part = f" Part of the speed may be Python’s: {listed(pythons)}." if pythons else ""
            return (
                f"The latest release that changed functions is {BY_NAME[row['library']].title} "
                f"{row['version']} ({row['uploaded']}): {told}.{part}"
            )
    return "No release has been measured together with the one before it yet."
