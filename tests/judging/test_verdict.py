"""Every verdict, with cases worked out by hand."""

import json

import polars as pl
import pytest

from tools.foundation.errors import Damaged
from tools.judging import verdict
from tools.judging.verdict import judge

SIDE = {"status": pl.String, "low": pl.Float64, "high": pl.Float64, "backend": pl.String}
SCHEMA = {
    "benchmark": pl.String, "metric": pl.String, "unit": pl.String, "op": pl.String,
    "dtype": pl.String, "size": pl.Int64, "device": pl.String,
    "before": pl.Float64, "after": pl.Float64,
    **{f"{side}_{name}": kind for side in ("before", "after") for name, kind in SIDE.items()},
}  # fmt: skip
NO_FLOORS = pl.DataFrame(
    schema=dict.fromkeys(["benchmark", "backend", "op", "dtype", "device"], pl.String)
    | {"size": pl.Int64, "floor": pl.Float64}
)


def judged(floors=NO_FLOORS, **facts):
    row = dict.fromkeys(SCHEMA) | {
        "benchmark": "b", "op": "exp", "dtype": "float32", "size": 1000, "device": "cpu",
        "before_backend": "numpy", "after_backend": "numpy", **facts,
    }  # fmt: skip
    for side in ("before", "after"):
        if row[side] is not None:
            row[f"{side}_status"] = "measured"
    return judge(pl.DataFrame([row], SCHEMA, orient="row"), floors).row(0, named=True)


def time(before, after, **facts):
    """The verdict on two times, each as (25 % quantile, median, 75 % quantile)."""
    (bl, b, bh), (al, a, ah) = before, after
    return judged(metric="time", unit="seconds", before=b, before_low=bl, before_high=bh,
                  after=a, after_low=al, after_high=ah, **facts)["verdict"]  # fmt: skip


def ulp(before, after, metric="max_ulp", unit="ulp"):
    return judged(metric=metric, unit=unit, before=before, after=after)["verdict"]


def floors(tmp_path, *rows):
    file = tmp_path / "noise.jsonl"
    empty = dict.fromkeys(["benchmark", "backend", "op", "dtype", "size", "device"])
    file.write_text("".join(json.dumps(empty | row) + "\n" for row in rows))
    return verdict.floors(file)


# Without a measured floor, 10 % either way are the same: 1.10/1.00 and 1.00/1.10 are 10 % apart.
@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        (1.00, 1.00, "same"),
        (1.00, 1.09, "same"),
        (1.09, 1.00, "same"),
        (1.00, 1.11, "worse"),
        (1.11, 1.00, "better"),
        (1e-7, 2e-7, "worse"),
        (3600.0, 1800.0, "better"),
        (0.0, 0.0, "same"),
        (0.0, 1.0, "worse"),
    ],
)
def test_times_are_the_same_within_the_floor(before, after, due):
    assert time((before, before, before), (after, after, after)) == due


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        ((0.9, 1.0, 1.1), (1.25, 1.3, 1.4), "worse"),
        # Quartiles that touch, or are within each other, of processes that agree.
        ((0.9, 1.0, 1.1), (1.1, 1.3, 1.37), "worse"),
        ((0.95, 1.0, 1.15), (1.1, 1.12, 1.2), "worse"),
        # One's quartiles are further apart than 1.25, and the nearest of both not by 10 %.
        ((0.9, 1.0, 1.5), (1.2, 1.3, 1.4), "noise"),
        ((5.1, 5.2, 5.3), (5.4, 9.3, 13.3), "noise"),  # of two processes one was like before
        ((5.1, 5.2, 5.3), (6.4, 9.3, 13.3), "worse"),  # none was
        ((1.25, 1.3, 1.4), (0.9, 1.0, 1.1), "better"),
        ((1.0, 1.3, 1.4), (0.9, 1.0, 1.1), "noise"),
        ((0.1, 1.0, 9.0), (0.1, 1.05, 9.0), "same"),  # within the floor: the spread is no matter
    ],
)
def test_beyond_the_floor_times_are_noise_where_processes_disagree(before, after, due):
    assert time(before, after) == due


def test_a_time_without_samples_is_a_point():
    facts = {"metric": "time", "unit": "seconds", "before": 1.0, "after": 2.0}
    assert judged(**facts)["verdict"] == "worse"
    assert judged(**facts, after_low=0.9, after_high=2.1)["verdict"] == "noise"


def test_memory_is_measured_with_noise_too():
    facts = {"metric": "peak_memory", "unit": "bytes", "before": 1000.0}
    assert judged(**facts, after=1050.0)["verdict"] == "same"
    assert judged(**facts, after=1200.0)["verdict"] == "worse"


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [(1000.0, 1009.0, "same"), (1009.0, 1000.0, "same"), (1000.0, 1011.0, "worse"),
     (1011.0, 1000.0, "better")],
)  # fmt: skip
def test_instructions_are_the_same_within_one_per_cent(before, after, due):
    row = judged(metric="instructions", unit="instructions", before=before, after=after)
    assert (row["verdict"], row["floor"], row["assumed"]) == (due, 0.01, False)


def test_the_most_specific_measured_floor_counts(tmp_path):
    measured = floors(
        tmp_path,
        {"floor": 0.30},
        {"op": "exp", "floor": 0.02},
        {"op": "exp", "size": 1, "floor": 0.20},
    )
    points = (1.0, 1.0, 1.0), (1.15, 1.15, 1.15)
    assert time(*points, floors=measured) == "worse"
    assert time(*points, floors=measured, size=1) == "same"
    assert time(*points, floors=measured, op="sin") == "same"
    row = judged(measured, metric="time", unit="seconds", before=1.0, after=2.0)
    assert row["floor"] == 0.02


def test_of_two_backends_the_larger_floor_counts(tmp_path):
    measured = floors(tmp_path, {"backend": "numpy", "floor": 0.01},
                      {"backend": "tensorflow", "floor": 0.4})  # fmt: skip
    points = (1.0, 1.0, 1.0), (1.3, 1.3, 1.3)
    assert time(*points, floors=measured) == "worse"
    assert time(*points, floors=measured, after_backend="tensorflow") == "same"
    assert time(*points, floors=measured, before_backend="tensorflow") == "same"


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        (0.5, 0.5, "same"),
        (0.5, 0.5000001, "worse"),
        (0.5000001, 0.5, "better"),
        (0.0, 3.0, "worse"),
        (3.0, 0.0, "better"),
        (0.0, 0.0, "same"),
    ],
)
@pytest.mark.parametrize("metric", ["max_ulp", "max_ulp_exact", "nan_wrong", "special_failures"])
def test_errors_and_counts_are_compared_exactly(metric, before, after, due):
    assert ulp(before, after, metric) == due


@pytest.mark.parametrize(
    ("dtype", "before", "after", "due"),
    [
        # Of a million products with the same bits, by which of them was looked at.
        ("float64", 0.4999953, 0.4999976, "same"),
        ("float64", 0.4999976, 0.4999953, "same"),
        ("float64", 0.5, 0.502, "worse"),
        # log1p of a subnormal number, which is the number less half of its square.
        ("float32", 4.9e-32, 0.0, "same"),
        ("float32", 0.4999953, 0.4999976, "worse"),
    ],
)
def test_errors_that_cannot_be_told_apart_are_the_same(dtype, before, after, due):
    facts = {"metric": "max_ulp", "unit": "ulp", "dtype": dtype}
    assert judged(before=before, after=after, **facts)["verdict"] == due


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        (2.0, 2.0, "same"),
        (2.0, 2.09, "noise"),
        (2.09, 2.0, "noise"),
        (2.0, 2.11, "worse"),
        (2.11, 2.0, "better"),
    ],
)
def test_a_search_may_be_lucky_by_five_per_cent(before, after, due):
    assert ulp(before, after, "max_ulp_search") == due


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"after": 1.0}, "new"),
        ({"before": 1.0}, "gone"),
        ({"after": 1.0, "before_status": "failed"}, "new"),
        ({"before": 1.0, "after_status": "failed"}, "gone"),
        ({"after": 1.0, "before_status": "unavailable"}, "unavailable"),
        ({"before": 1.0, "after_status": "unavailable"}, "unavailable"),
    ],
)
@pytest.mark.parametrize(("metric", "unit"), [("time", "seconds"), ("max_ulp", "ulp")])
def test_a_number_on_one_side_only(metric, unit, facts, due):
    row = judged(metric=metric, unit=unit, **facts)
    assert (row["verdict"], row["ratio"]) == (due, None)


def test_the_ratio_is_after_over_before_and_never_infinite():
    assert judged(metric="max_ulp", unit="ulp", before=0.5, after=2.0)["ratio"] == 4.0
    assert judged(metric="max_ulp", unit="ulp", before=0.0, after=2.0)["ratio"] is None
    assert judged(metric="max_ulp", unit="ulp", before=0.0, after=0.0)["ratio"] is None


def test_no_file_of_floors_means_no_floors(tmp_path):
    assert verdict.floors(tmp_path / "noise.jsonl").is_empty()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"floor": 0.1}', '{"floor": "much"}', '{"floor": NaN}', '{"floor": -1}']
)
def test_damaged_floors_are_named(tmp_path, text):
    file = tmp_path / "noise.jsonl"
    empty = dict.fromkeys(["benchmark", "backend", "op", "dtype", "size", "device"])
    if text.startswith('{"floor"') and text != '{"floor": 0.1}':
        text = json.dumps(empty | json.loads(text))
    file.write_text(text + "\n")
    with pytest.raises(Damaged, match=r"noise\.jsonl, line 1: "):
        verdict.floors(file)
