"""What the numbers of the day say, in sentences: for the start page and the findings."""

from __future__ import annotations

import polars as pl

from .. import verdict
from .site import BACKENDS, Site, slug

_SIZES = (1, 1000, 1000000)


def newest_releases(site: Site, *which: pl.Expr) -> dict[str, dict]:
    """By library, the newest release with numbers of functions (``which``) on the first machine."""
    if not site.machines:
        return {}
    rows = site.on(site.machines[0]).filter(pl.col("op").is_not_null(), *which)
    whole = set(rows["release"].unique())
    found = {}
    for row in site.releases:
        if row["release"] in whole:
            found[row["library"]] = row | {"slug": slug(row["release"])}
    return found


def _of(site: Site, release: dict, **what) -> pl.DataFrame:
    return site.on(site.machines[0]).filter(release=release["release"], **what)


def same_results(site: Site, newest: dict[str, dict]) -> str:
    if "tensorflow" not in newest:
        return "No release of TensorFlow has been measured yet."
    release = newest["tensorflow"]
    rows = _of(site, release, metric="distance_ulp", dtype="float32", device="cpu",
               backend="tensorflow")  # fmt: skip
    if rows.is_empty():
        return f"TensorFlow {release['version']} has not been held against NumPy yet."
    same, farthest = len(rows.filter(value=0)), rows.sort("value").row(-1, named=True)
    text = (
        f"TensorFlow {release['version']} gives the same float32 results, bit for bit, as the "
        f"NumPy installed with it in {same} of {len(rows)} functions on the CPU"
    )
    if farthest["value"] == 0:
        return text + "."
    return (
        f"{text}; in {farthest['op']} the two are farthest apart, by "
        f"{farthest['value']:,.0f} representable numbers."
    )


def faster(site: Site) -> str:
    newest = newest_releases(site, pl.col("metric") == "time")
    if set(newest) != {"numpy", "tensorflow"}:
        return "How fast they are has not been measured here yet."
    ours = _of(site, newest["numpy"], metric="time", dtype="float32", device="cpu")
    theirs = _of(site, newest["tensorflow"], metric="time", dtype="float32", device="cpu",
                 backend="tensorflow")  # fmt: skip
    both = ours.join(theirs, on=["benchmark", "op", "size"], suffix="_tf")
    both = both.filter(pl.col("benchmark").str.contains("Elementwise"))
    parts = []
    for size in _SIZES:
        rows = both.filter(size=size)
        if len(rows):
            quicker = len(rows.filter(pl.col("value") < pl.col("value_tf")))
            parts.append(f"of {size:,} in {quicker} of {len(rows)}")
    if not parts:
        return "How fast they are has not been measured here yet."
    versions = newest["numpy"]["version"], newest["tensorflow"]["version"]
    return (
        f"NumPy {versions[0]} is faster than TensorFlow {versions[1]} (eager, float32, CPU) on "
        f"arrays {', '.join(parts)} functions."
    )


def lately(site: Site, steps: pl.DataFrame) -> str:
    for row in reversed(site.releases):
        mine = steps.filter(after_release=row["release"])
        if len(mine):
            accuracy = mine.filter(~pl.col("unit").is_in(verdict.MEASURES))
            speed = len(mine) - len(accuracy)
            worse = len(accuracy.filter(verdict="worse"))
            return (
                f"The latest release with a change is {row['release']} of {row['uploaded']}: "
                f"{len(accuracy)} numbers of accuracy ({worse} for the worse) and {speed} times."
            )
    return "No release has been measured together with the one before it yet."


def seed(site: Site) -> list[dict]:
    """2017's question by release and backend: how many of 100 square roots are wrong, and by how
    many ULP at most (at best by half a one: what is correctly rounded)."""
    rows = site.measured.filter(pl.col("metric").str.starts_with("seed_"), device="cpu")
    found: dict[str, dict] = {}
    for row in rows.select(
        "release", "version", "uploaded", "library", "backend", "metric", "value"
    ).rows(named=True):
        one = found.setdefault(row["release"], {
            "release": row["release"], "library": row["library"], "version": row["version"],
            "date": row["uploaded"].isoformat(), "wrong": {}, "max_ulp": {},
        })  # fmt: skip
        if row["metric"] == "seed_example":
            one["wrong"][row["backend"]] = int(row["value"])
        else:
            one["max_ulp"][row["backend"]] = row["value"]
    return [one for one in found.values() if one["wrong"]]


def right_since(seed: list[dict]) -> list[dict]:
    """By backend, the releases that were measured: the last that had a root wrong, with how many
    (None if there is none), and the first after it (None if the newest has)."""
    found = []
    for backend in BACKENDS:
        mine = [one for one in seed if backend in one["wrong"]]
        wrong = [place for place, one in enumerate(mine) if one["wrong"][backend]]
        last = wrong[-1] if wrong else None
        after = mine[0 if last is None else last + 1 :]
        if mine:
            found.append({
                "backend": backend,
                "first": mine[0]["version"],
                "wrong": mine[last] if wrong else None,
                "right": after[0]["version"] if after else None,
            })  # fmt: skip
    return found
