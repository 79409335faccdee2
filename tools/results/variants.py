"""Result bits carry the error: what one machine found holds wherever the bits are the same.

A *variant* is the bits that a release's backend gives for a function, of which the quick profile's
hash is the name (benchmarks/accuracy/fingerprint.py). The largest error over all inputs, and what a
search has found, are functions of op, dtype and result bits: they hold on every machine and device
where the hash is the same.

What the hash proves: that the results for the quick profile's inputs (some four million of float32)
are the same bits, in the same order. That all other inputs agree, too, is inferred: code that
differed on none of those and differs elsewhere would have to be other code that hits the same bits
four million times.

Two places can give the same numbers and other NaN: of two NaN a sum is the one or the other as
the compiler ordered the operands, and as arrays happen to lie. Then they are two variants, with the
same errors.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tools.results.result_bits import quick
from tools.results.schema import Row

FUNCTION = ("release", "backend", "op", "dtype")
"""Of which there are variants."""
PLACE = ("machine", "device")
"""Where one is seen."""
HASHES = dict.fromkeys([*FUNCTION, *PLACE, "results", "swept"], pl.String)
"""``results`` is the quick profile's hash, ``swept`` that of all inputs; null where not known."""
CARRIED = ("max_ulp_exact", "max_ulp_search", "nonmonotonic_exact")
"""What costs minutes a function, and is a function of the bits; the quick profile's own numbers
are there wherever the hash is."""


def hashes(of_release: Iterable[Row], machine: str, release: str) -> pl.DataFrame:
    """What one machine's Records of one release know of variants, with the columns of HASHES."""
    lines = list(of_release)
    tried = {key: one["results"] for key, one in quick(lines).items()}
    swept = {
        tuple(one[name] for name in ("backend", "device", "op", "dtype")): one["results"]
        for one in lines
        if one["kind"] == "exact" and one["region"] == "normal"
    }
    rows = [
        (release, backend, op, dtype, machine, device, tried.get(key), swept.get(key))
        for key in {**tried, **swept}
        for backend, device, op, dtype in [key]
    ]
    return pl.DataFrame(rows, HASHES, orient="row")


def _inferred(known: pl.DataFrame) -> pl.DataFrame:
    """``known`` where the quick profile's hash is known, or follows: its inputs are among all
    inputs, so that results with the same hash of all have the same one of these, whatever release
    gave them."""
    both = known.drop_nulls(["results", "swept"]).unique(["op", "dtype", "swept"])
    learned = both.select("op", "dtype", "swept", learned="results")
    found = known.join(learned, on=["op", "dtype", "swept"], how="left")
    found = found.with_columns(results=pl.coalesce("results", "learned"))
    return found.drop_nulls("results").select(*FUNCTION, *PLACE, "results")


def carry(table: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """``table`` (history.py's) with the numbers of CARRIED at every place where the same variant
    has been seen and they were not measured; ``found_on`` says where they were.

    Of two that a search has found the larger one is carried.
    """
    table, known = table.with_columns(found_on=pl.lit(None, pl.String)), _inferred(known)
    source = table.filter(pl.col("metric").is_in(CARRIED), status="measured").join(
        known, on=[*FUNCTION, *PLACE]
    )
    places = known.rename({name: f"to_{name}" for name in PLACE})
    carried = (
        source.join(places, on=[*FUNCTION, "results"])
        .with_columns(
            found_on=pl.concat_str("machine", pl.lit(", "), "device"),
            machine="to_machine",
            device="to_device",
        )
        .join(table, on=[*FUNCTION, *PLACE, "metric", "region"], how="anti", nulls_equal=True)
        .sort("value", "found_on", descending=[True, False])
        .unique([*FUNCTION, *PLACE, "metric", "region"], keep="first", maintain_order=True)
    )
    return pl.concat([table, carried.select(table.columns)])
