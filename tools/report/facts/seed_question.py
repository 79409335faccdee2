"""The question of 2017 by release: how many of the square roots of 0…99 are wrong in float32."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from benchmarks.libraries import OF_BACKEND, QUESTION, TITLES
from tools.report import words
from tools.report.site import Site


def seed(site: Site) -> list[dict]:
    """By release and machine: how many of 100 roots each backend has wrong on the CPU, and by how
    many ULP at most (at best by half a one: what is correctly rounded)."""
    rows = site.measured.filter(pl.col("metric").str.starts_with("seed_"), device="cpu")
    found: dict[tuple, dict] = {}
    for row in rows.select(
        "machine", "release", "version", "uploaded", "library", "backend", "metric", "value"
    ).rows(named=True):
        one = found.setdefault((row["release"], row["machine"]), {
            "release": row["release"], "library": row["library"], "version": row["version"],
            "date": row["uploaded"].isoformat(), "machine": row["machine"],
            "wrong": {}, "max_ulp": {},
        })  # fmt: skip
        if row["metric"] == "seed_example":
            one["wrong"][row["backend"]] = int(row["value"])
        else:
            one["max_ulp"][row["backend"]] = row["value"]
    return [one for one in found.values() if one["wrong"]]


def right_since(site: Site) -> list[dict]:
    """By backend, the releases that were measured: the last that had a root wrong, with how many
    (None if there is none), and the first after it (None if the newest has).

    ``on`` are the machines of which that is true; there is a row for each answer. A machine with
    one release alone knows nothing of since when, and is left out where another knows. Backends of
    other libraries than the question's that have every root right are one row, the last.
    """
    found: list[dict] = []
    rows = seed(site)
    for backend in TITLES:
        measured = {
            machine: [one for one in rows if backend in one["wrong"] and one["machine"] == machine]
            for machine in site.machines
        }
        least = min(2, max(map(len, measured.values()), default=0))
        found += by_answer(
            (machine, _answer(backend, mine))
            for machine, mine in measured.items()
            if mine and len(mine) >= least
        )
    told = [one for one in found if one["wrong"] or OF_BACKEND[one["backend"]] in QUESTION]
    right = [one for one in found if one not in told]
    for one in told:
        one["title"] = TITLES[one["backend"]]
    if right:
        title = words.listed(list(dict.fromkeys(TITLES[one["backend"]] for one in right)))
        on = [machine for machine in site.machines if any(machine in one["on"] for one in right)]
        told.append(right[0] | {"title": title, "on": on, "first": None})
    return told


def by_answer(answers: Iterable[tuple[str, dict]]) -> list[dict]:
    """Each answer once; ``on`` are the machines that gave it."""
    found: dict[tuple, dict] = {}
    for machine, answer in answers:
        found.setdefault(tuple(answer.values()), answer | {"on": []})["on"].append(machine)
    return list(found.values())


def _answer(backend: str, mine: list[dict]) -> dict:
    wrong = [place for place, one in enumerate(mine) if one["wrong"][backend]]
    last = mine[wrong[-1]] if wrong else None
    after = mine[wrong[-1] + 1 if wrong else 0 :]
    return {
        "backend": backend,
        "first": mine[0]["version"],
        "wrong": last and last["wrong"][backend],
        "wrong_version": last and last["version"],
        "max_ulp": last and last["max_ulp"].get(backend),
        "right": after[0]["version"] if after else None,
    }
