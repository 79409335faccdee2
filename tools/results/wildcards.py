"""Tables of rules in which null means "any": the reasons of what is missing, the noise floors."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def look_up(table: pl.DataFrame, rules: pl.DataFrame, keys: Sequence[str], value: str) -> pl.Series:
    """``value`` of the rule that fits each row of ``table``, null where none does.

    ``rules`` has ``keys`` and ``value``; null in a key fits whatever the row has there. Of several
    rules that fit, the one with most keys that are not null wins, then the last.
    """
    every = pl.lit(True).alias("every")  # a key for the rule that has none
    found = table.select(*keys, every, pl.lit(None, rules.schema[value]).alias(value))
    patterns = rules.select(pl.col(keys).is_null()).unique(maintain_order=True).rows()
    for nulls in sorted(patterns, key=sum):
        named = ["every", *(key for key, null in zip(keys, nulls, strict=True) if not null)]
        alike = [pl.col(key).is_null() == null for key, null in zip(keys, nulls, strict=True)]
        fitting = rules.filter(alike).with_columns(every).select(*named, other=value)
        fitting = fitting.unique(named, keep="last", maintain_order=True)
        found = found.join(fitting, on=named, how="left", maintain_order="left")
        found = found.with_columns(pl.coalesce(value, "other")).drop("other")
    return found[value]
