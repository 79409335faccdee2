"""The start page: its table is drawn from data by static/start.js, the rest is made here."""

from __future__ import annotations

import polars as pl

from .seed import right_since
from .sentences import faster, lately, same_results
from .site import Site


def write(site: Site, steps: pl.DataFrame) -> None:
    site.page(
        "start.html",
        "start.html",
        title="NumPy or TensorFlow?",
        sentences=[same_results(site), faster(site), lately(site, steps)],
        since=right_since(site),
        ops=site.ops,
    )
