"""Rules in which null means any: the most specific one that fits wins."""

import polars as pl
import pytest

from tools.results import wildcards

TABLE = pl.DataFrame({"op": ["exp", "exp", "sin", None], "size": [1, 1000, 1, None]})
SCHEMA = {"op": pl.String, "size": pl.Int64, "floor": pl.Float64}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], [None, None, None, None]),
        ([(None, None, 0.1)], [0.1, 0.1, 0.1, 0.1]),
        ([("exp", None, 0.2)], [0.2, 0.2, None, None]),
        ([("exp", 1, 0.3), ("exp", None, 0.2), (None, None, 0.1)], [0.3, 0.2, 0.1, 0.1]),
        ([(None, None, 0.1), ("exp", None, 0.2), ("exp", 1, 0.3)], [0.3, 0.2, 0.1, 0.1]),
        ([("exp", None, 0.2), ("exp", None, 0.4)], [0.4, 0.4, None, None]),
    ],
)
def test_the_most_specific_rule_wins_then_the_last(given, found):
    table = pl.DataFrame(given, SCHEMA, orient="row")
    assert wildcards.look_up(TABLE, table, ["op", "size"], "floor").to_list() == found
