"""The question of 2017: the square roots of 0…99, and how the two libraries differ today."""

from __future__ import annotations

from . import roots, today
from .findings import notes
from .seed import right_since, seed
from .site import Site


def write(site: Site) -> None:
    rows = seed(site)
    newest = {one["library"]: one for one in rows}
    site.page(
        "question.html",
        "question.html",
        title="The question of 2017",
        then=[one for one in rows if one["release"] in (roots.NUMPY, roots.TENSORFLOW)],
        now=list(newest.values()),
        original=roots.TENSORFLOW,
        root_by_root=roots.then(site),
        since=right_since(site),
        seed=rows,
        squares=roots.squares(site),
        notes=[note for key, found in notes().items() if key.endswith(" sqrt") for note in found],
        today=today.table(site),
        ops=site.ops,
    )
