"""Noise floors, and what is found with them, on tables made by hand."""

import json
from random import Random

import polars as pl
import pytest

from tools import history, noise, records
from tools.pairs import pair
from tools.releases import Release


def table(values, size=1000, backend="numpy"):
    """Times of as many ops as there are values, each with samples within 0.1 % of its value."""
    rows = [
        {
            "library": "numpy", "release": "numpy-2.0.0", "metric": "time", "unit": "seconds",
            "benchmark": "bench_time.Elementwise.track_time", "backend": backend, "device": "cpu",
            "op": f"op{number}", "dtype": "float32", "size": size, "status": "measured",
            "value": value, "low": 0.999 * value, "high": 1.001 * value,
            "samples": [value * (1 + 1e-4 * step) for step in range(-10, 11)],
        }
        for number, value in enumerate(values)
    ]  # fmt: skip
    return pl.DataFrame(rows, history.SCHEMA)


def test_the_floor_is_what_nearly_all_stay_within():
    # 100 benchmarks, of which one is 50 % off, one 8 %, and the rest 3 %, up and down.
    before = table([1e-4] * 100)
    after = table([1.5e-4, 1e-4 / 1.08] + [1.03e-4, 1e-4 / 1.03] * 49)
    (row,) = noise.floors(before, after).to_dicts()
    assert row["floor"] == pytest.approx(0.08)
    assert row["size"] == 1000
    assert row["op"] is None


def test_each_backend_and_size_has_its_own_floor():
    before = pl.concat(
        [table([1e-4] * 100), table([1e-4] * 100, 1), table([1e-4] * 100, 1, "other")]
    )
    after = pl.concat(
        [table([1.02e-4] * 100), table([1.2e-4] * 100, 1), table([1.05e-4] * 100, 1, "other")]
    )
    found = {(r["backend"], r["size"]): r["floor"] for r in noise.floors(before, after).to_dicts()}
    assert found == {("numpy", 1000): 0.02, ("numpy", 1): 0.2, ("other", 1): 0.05}


@pytest.mark.parametrize(
    ("degrees", "t"),  # the tables' 99 % points, one-sided
    [(1, 31.821), (2, 6.965), (3, 4.541), (5, 3.365), (10, 2.764), (30, 2.457), (40, 2.423)],
)
def test_students_quantiles_are_those_of_the_tables(degrees, t):
    assert noise._students(degrees) == pytest.approx(t, abs=5e-4)


def test_the_floor_of_three_differences_is_well_beyond_the_largest():
    # Logarithms 0.0198026, 0.0295588, 0.0582689; s² = 0.00466113 / 3, s = 0.0394171.
    # With t = 4.541: exp(0.178993) - 1.
    (row,) = noise.floors(table([1e-4] * 3), table([1.02e-4, 1e-4 / 1.03, 1.06e-4])).to_dicts()
    assert row["floor"] == pytest.approx(0.1960, abs=2e-4)


def of(tables, benchmark):
    return [one.with_columns(benchmark=pl.lit(benchmark)) for one in tables]


def test_one_difference_has_the_scale_of_others_of_its_size():
    # Five of 3 % and a sum of 20 %: s² = (5·0.0295588² + 0.1823216²)/6, s = 0.0791681; t = 3.143.
    times = table([1e-4] * 5), table([1.03e-4] * 5)
    sums = of((table([1e-4]), table([1.2e-4])), "bench_time.Reduction.track_time")
    found = noise.floors(*[pl.concat(both) for both in zip(times, sums, strict=True)])
    floor = {row["benchmark"].split(".")[1]: row["floor"] for row in found.to_dicts()}
    assert floor["Reduction"] == pytest.approx(0.2825, abs=5e-4)
    # t = 3.365 of the five alone.
    assert floor["Elementwise"] == pytest.approx(0.1046, abs=5e-4)


def test_the_size_of_a_matrix_is_no_size_of_an_array():
    times = table([1e-4] * 9), table([1.03e-4] * 9)
    products = of((table([1e-4] * 2), table([1.01e-4] * 2)), "bench_time.Matmul.track_time")
    found = noise.floors(*[pl.concat(both) for both in zip(times, products, strict=True)])
    floor = {row["benchmark"].split(".")[1]: row["floor"] for row in found.to_dicts()}
    # log(1.01) times t = 6.965 of two.
    assert floor["Matmul"] == pytest.approx(0.0718, abs=2e-4)


def test_the_largest_of_few_differences_is_the_floor_where_it_is_beyond_their_law():
    # s² = log²(1.5) / 40, t = 2.423: exp(0.1553) - 1 is 17 %.
    (row,) = noise.floors(table([1e-4] * 40), table([1e-4] * 39 + [1.5e-4])).to_dicts()
    assert row["floor"] == pytest.approx(0.5)


def test_of_three_differences_the_floor_holds_nearly_every_fourth():
    """Normal noise of 5 %: within three standard errors of 2 % (the largest of three: 25 %)."""
    random, groups = Random(1), 2000
    number = pl.int_range(4 * groups)
    sets = [
        table([1e-4 * random.lognormvariate(0, 0.05) for _ in range(4 * groups)]).with_columns(
            size=number // 4, op=pl.format("op{}", number % 4)
        )
        for _ in "AB"
    ]
    fourth = pair(*sets).filter(op="op3")
    floors = noise.floors(*[one.filter(pl.col("op") != "op3") for one in sets])
    judged = fourth.join(floors.select("size", "floor"), on="size")
    larger, smaller = pl.max_horizontal("before", "after"), pl.min_horizontal("before", "after")
    beyond = judged.filter(larger / smaller - 1 > pl.col("floor"))
    assert len(judged) == groups
    assert len(beyond) / groups == pytest.approx(0.02, abs=0.0094)


def test_what_one_side_alone_has_is_no_difference():
    (row,) = noise.floors(table([1e-4] * 101), table([1.03e-4] * 100)).to_dicts()
    assert row["floor"] == 0.03


def test_a_floor_is_one_per_cent_at_least():
    (row,) = noise.floors(table([1e-4] * 10), table([1e-4] * 10)).to_dicts()
    assert row["floor"] == 0.01


def test_a_report_says_how_often_nothing_was_called_a_change_and_a_change_was_found():
    release = Release("numpy", "2.0.0", None, "3.11")
    sets = {
        "A": table([1e-4] * 100 + [1e-6]),
        "B": table([1.02e-4] * 100 + [1.02e-6]),
        # Three changed, one of them by more than asv's ten per cent; 97 within the floor.
        "C": table([1.05e-4, 1e-4 / 1.05, 1.2e-4] + [1.01e-4] * 97 + [1e-6]),
        # Of 100 over 10 µs two are not found; what is shorter does not count.
        "S": table([1.01e-4] * 2 + [1.1e-4] * 98 + [1e-6]),
    }
    found = noise.report(release, sets)
    assert found["benchmarks"] == 101
    assert found["called_changed"] == pytest.approx(3 / 101)
    assert found["called_changed_by_asv"] == pytest.approx(1 / 101)
    assert found["slowed_down"] == 100
    assert found["slow_down_found"] == pytest.approx(0.98)
    assert "3.0 % called changed" in noise.show(found)
    assert "98.0 % found" in noise.show(found)
    (share,) = [one["found"] for one in found["found"]]
    assert share == pytest.approx(0.98)


def test_floors_of_other_backends_stay(tmp_path):
    def found(backend, floor):
        row = {"benchmark": "b", "backend": backend, "device": "cpu", "size": 1, "floor": floor}
        return {"release": "numpy-2.0.0", "floors": [{**row, "op": None, "dtype": None}]}

    noise.save(found("numpy", 0.05), tmp_path, "here")
    noise.save(found("tensorflow", 0.07), tmp_path, "here")
    noise.save(found("numpy", 0.02), tmp_path, "here")
    rows = records.load(tmp_path / "here" / "noise.jsonl")
    assert {row["backend"]: row["floor"] for row in rows} == {"numpy": 0.02, "tensorflow": 0.07}
    assert all(set(json.loads(json.dumps(row))) >= {"benchmark", "op", "size"} for row in rows)
