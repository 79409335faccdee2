"""What a level of x86-64 gives, whichever machine was at hand.

Errors, special values and everything else that is no measure of speed belong to a level: ``cpu`` is
that of its machine's processor. Where several machines have the same number, that of the machine
with most numbers of the level is taken, so that a line is of one processor as far as it goes.
"""

from __future__ import annotations

import functools

import polars as pl

from benchmarks import levels
from tools.judging import verdict
from tools.report.site import LEVEL_TITLES, Site

ORDER = tuple(LEVEL_TITLES)
BEYOND = {"float16": "avx512_fp16", "bfloat16": "avx512_bf16"}
"""What a processor may have beyond its level that changes results of these types: NumPy 2.3 and XLA
compute in it where it is there."""
_NUMBER = ("level", "benchmark", "metric", "backend", "op", "dtype", "region", "variant", "release")


def of(machine_level: str | None, device: str) -> str:
    """The level that ``device`` of a machine of ``machine_level`` computes at; the GPU's is
    ``gpu``."""
    if device in levels.OF_DEVICE:
        return levels.OF_DEVICE[device]
    return "gpu" if device == "gpu" else machine_level or "unknown"


@functools.lru_cache(maxsize=1)
def rows(site: Site) -> pl.DataFrame:
    """The site's table with ``level``, without measures, each number once."""
    found = _all(site)
    schema = {"level": pl.String, "machine": pl.String, "rank": pl.Int64}
    ranks = pl.DataFrame([(*one, rank) for one, rank in _ranks(site).items()], schema, orient="row")
    ranked = found.with_row_index("place").join(ranks, on=["level", "machine"], how="left")
    ranked = ranked.sort(pl.col("status") != "measured", "rank", "device", nulls_last=True)
    once = ranked.unique(_NUMBER, keep="first", maintain_order=True)
    return once.sort("place").drop("place", "rank")


def rank(site: Site, level: str, machine: str) -> int:
    """The place of ``machine`` among those with numbers of ``level``: most numbers first."""
    return _ranks(site).get((level, machine), len(site.machines))


@functools.lru_cache(maxsize=1)
def _ranks(site: Site) -> dict[tuple[str, str], int]:
    counts = _all(site).filter(status="measured").group_by("level", "machine").len()
    ranked = counts.sort("len", "machine", descending=[True, False])
    return {place: rank for rank, place in enumerate(ranked.select("level", "machine").rows())}


@functools.lru_cache(maxsize=1)
def _all(site: Site) -> pl.DataFrame:
    table = with_level(site, site.table.filter(pl.col("status") != "unavailable"))
    return table.filter(~pl.col("unit").is_in(verdict.MEASURES), pl.col("level").is_not_null())


def with_level(site: Site, table: pl.DataFrame) -> pl.DataFrame:
    """``table`` with ``level`` of each row; null where it has no device."""
    places = table.select("machine", "device").unique().drop_nulls()
    known = [(*place, of(site.levels.get(place[0]), place[1])) for place in places.rows()]
    schema = dict.fromkeys(["machine", "device", "level"], pl.String)
    level = pl.DataFrame(known, schema, orient="row")
    return table.join(level, on=["machine", "device"], how="left", maintain_order="left")
