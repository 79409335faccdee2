"""The start page: its table is drawn from data by static/start.js, the rest is made here."""

from __future__ import annotations

import polars as pl

from .sentences import faster, lately, right_since, same_results, seed
from .site import Site


def write(site: Site, steps: pl.DataFrame) -> None:
    roots = seed(site)
    site.page(
        "start.html",
        "start.html",
        title="NumPy or TensorFlow?",
        sentences=[same_results(site), faster(site), lately(site, steps)],
        seed=roots,
        since=right_since(roots),
        ops=sorted(site.measured["op"].drop_nulls().unique()),
    )
