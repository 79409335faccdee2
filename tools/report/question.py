"""The question of 2017: the square roots of 0…99, and how the two libraries differ today."""

from __future__ import annotations

from collections.abc import Collection

from . import roots, today
from .findings import notes
from .seed import right_since, seed
from .site import Site


def write(site: Site) -> None:
    rows = seed(site)
    newest = {one["library"]: one["release"] for one in rows}
    site.page(
        "question.html",
        "question.html",
        title="The question of 2017",
        then=_answers(rows, (roots.NUMPY, roots.TENSORFLOW)),
        now=_answers(rows, newest.values()),
        original=roots.TENSORFLOW,
        root_by_root=roots.then(site),
        since=right_since(site),
        seed=rows,
        squares=roots.squares(site),
        notes=[note for key, found in notes().items() if key.endswith(" sqrt") for note in found],
        today=today.table(site),
        ops=site.ops,
    )


def _answers(rows: list[dict], releases: Collection[str]) -> list[dict]:
    """What these releases gave without XLA; ``on`` are the machines of which that is true."""
    found: dict[tuple, dict] = {}
    for row in rows:
        backend = row["library"]
        if row["release"] in releases and backend in row["wrong"]:
            answer = {
                "backend": backend, "version": row["version"],
                "wrong": row["wrong"][backend], "max_ulp": row["max_ulp"].get(backend),
            }  # fmt: skip
            alike = found.setdefault(tuple(answer.values()), answer | {"on": []})
            alike["on"].append(row["machine"])
    return list(found.values())
