"""Noise floors, and what is found with them, on tables made by hand."""

import json
import math
from random import Random
from statistics import median

import polars as pl
import pytest

from tools.judging import noise_floor
from tools.releases.release_table import Release
from tools.results import history, schema


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


def by_op(floors):
    return {row["op"]: row["floor"] for row in floors.to_dicts()}


@pytest.mark.parametrize(
    ("degrees", "t"),  # the tables' 99 % points, one-sided
    [(1, 31.821), (2, 6.965), (3, 4.541), (5, 3.365), (10, 2.764), (30, 2.457), (40, 2.423)],
)
def test_students_quantiles_are_those_of_the_tables(degrees, t):
    assert noise_floor._students(degrees) == pytest.approx(t, abs=5e-4)


def test_the_floor_of_one_function():
    """Logarithms -0.02, 0, 0.02: a variance of 0.0004, which is the group's, too. With 2 + 6
    degrees of freedom t is 2.896, with 6 it is 3.143; the standard error of the difference of two
    processes is sqrt(2 · 1.35 · 0.0004) = 0.032863, of the medians of four and four half of it."""
    processes = [table([1e-4 * math.exp(step)]) for step in (-0.02, 0.0, 0.02)]
    floor = by_op(noise_floor.floors(processes, 1))
    assert floor == {"op0": pytest.approx(0.0998, abs=2e-4), None: pytest.approx(0.1088, abs=2e-4)}
    floor = by_op(noise_floor.floors(processes, 4))
    assert floor == {"op0": pytest.approx(0.0487, abs=2e-4), None: pytest.approx(0.0530, abs=2e-4)}


def test_a_noisy_function_does_not_spoil_the_floor_of_a_calm_one():
    """Variances 0.0002 (±0.01) and 0.0072 (±0.06), the group's 0.0037, one degree of freedom each:
    (6 · 0.0037 + 0.0002)/7 = 0.0032 and (6 · 0.0037 + 0.0072)/7 = 0.0042; t of 7 is 2.998."""
    processes = [
        table([1e-4 * math.exp(0.01 * sign), 1e-4 * math.exp(0.06 * sign)]) for sign in (-1, 1)
    ]
    floor = by_op(noise_floor.floors(processes, 8))
    assert floor["op0"] == pytest.approx(
        math.expm1(2.998 * math.sqrt(2 * 1.35 * 0.0032 / 8)), abs=2e-4
    )
    assert floor["op1"] == pytest.approx(
        math.expm1(2.998 * math.sqrt(2 * 1.35 * 0.0042 / 8)), abs=2e-4
    )
    assert floor["op0"] < floor["op1"]


def test_each_backend_and_size_has_its_own_floors():
    def process(sign):
        return pl.concat([
            table([1e-4 * (1 + 0.01 * sign)]), table([1e-4 * (1 + 0.05 * sign)], 1),
            table([1e-4 * (1 + 0.02 * sign)], 1, "other"),
        ])  # fmt: skip

    rows = noise_floor.floors([process(sign) for sign in (-1, 0, 1)], 1).filter(
        pl.col("op").is_null()
    )
    found = {(row["backend"], row["size"]): row["floor"] for row in rows.to_dicts()}
    assert found["numpy", 1000] < found["other", 1] < found["numpy", 1]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("at_once", [1, 2, 8])
def test_one_more_difference_is_within_the_floor_with_98_per_cent(at_once, known):
    """Normal noise, of another size in each function (as an inverse χ² of six degrees of freedom
    has it): of 2000 within three standard errors of 2 %. Where the function was not measured, its
    noise is only known to be one of the group's."""
    random, functions = Random(at_once), 2000
    sigma = [
        0.02 / math.sqrt(sum(random.gauss(0, 1) ** 2 for _ in range(6)) / 6)
        for _ in range(functions)
    ]

    def processes():
        return [
            table([1e-4 * random.lognormvariate(0, one) for one in sigma]) for _ in range(at_once)
        ]

    floors = noise_floor.floors(processes() + processes(), at_once)
    measured = floors if known else floors.filter(pl.col("op").is_null())
    beyond = [
        max(a, c) / min(a, c) - 1 > floor
        for a, c, floor in zip(
            *[medians(processes()) for _ in "AC"], look_up(measured, functions), strict=True
        )
    ]
    # For 1, 2 and 8 medians the exact factor is 1, 1 and 1.35 (noise._MEDIAN): fewer are beyond it.
    least = 0.002 if at_once < 8 or not known else 0.0106
    assert least <= sum(beyond) / functions <= 0.0294


def medians(processes):
    return [median(times) for times in zip(*[one["value"] for one in processes], strict=True)]


def look_up(floors, functions):
    found = by_op(floors)
    return [found.get(f"op{number}", found[None]) for number in range(functions)]


def test_a_floor_is_one_per_cent_at_least():
    assert by_op(noise_floor.floors([table([1e-4])] * 4, 2)) == {"op0": 0.01, None: 0.01}


def test_samples_of_several_processes_are_one_time():
    one, other = table([1e-4]), table([3e-4])
    (row,) = noise_floor.together([one, other, other]).to_dicts()
    short, long = (process["samples"][0].to_list() for process in (one, other))
    assert sorted(row["samples"]) == sorted([*short, *long, *long])
    assert row["value"] == median(row["samples"])
    assert row["low"] == pytest.approx(1e-4, rel=2e-3)
    assert row["high"] == pytest.approx(3e-4, rel=2e-3)
    assert row["benchmark"] == one["benchmark"][0]


def test_a_report_says_how_often_nothing_was_called_a_change_and_a_change_was_found():
    release = Release("numpy", "2.0.0", None, "3.11")
    sets = {
        # 3 % apart at the most: variances of 2e-4 or so, of which the floors are 4 to 8 %.
        "A": [table([1e-4] * 100 + [1e-6])],
        "B": [table([1.02e-4] * 100 + [1.02e-6])],
        # Three changed, one of them by more than asv's ten per cent; 97 within the floor.
        "C": [table([1.09e-4, 1e-4 / 1.09, 1.2e-4] + [1.01e-4] * 97 + [1e-6])],
        # Of 100 over 10 µs two are not found; what is shorter does not count.
        "S": [table([1.01e-4] * 2 + [1.1e-4] * 98 + [1e-6])],
    }
    found = noise_floor.report(release, sets, noise_floor.TIMES)
    assert found["benchmarks"] == 101
    assert found["called_changed"] == pytest.approx(3 / 101)
    assert found["called_changed_by_asv"] == pytest.approx(1 / 101)
    assert found["slowed_down"] == 100
    assert found["slow_down_found"] == pytest.approx(0.98)
    assert "3.0 % called changed" in noise_floor.show(found)
    assert "98.0 % found" in noise_floor.show(found)
    (share,) = [one["found"] for one in found["found"]]
    assert share == pytest.approx(0.98)


def test_floors_of_other_backends_stay(tmp_path):
    def found(backend, floor):
        row = {"benchmark": "b", "backend": backend, "device": "cpu", "size": 1, "floor": floor}
        return {"release": "numpy-2.0.0", "floors": [{**row, "op": None, "dtype": None}]}

    noise_floor.save(found("numpy", 0.05), tmp_path, "here")
    noise_floor.save(found("tensorflow", 0.07), tmp_path, "here")
    noise_floor.save(found("numpy", 0.02), tmp_path, "here")
    rows = schema.rows(tmp_path / "here" / "noise.jsonl", schema.floor)
    assert {row["backend"]: row["floor"] for row in rows} == {"numpy": 0.02, "tensorflow": 0.07}
    assert all(set(json.loads(json.dumps(row))) >= {"benchmark", "op", "size"} for row in rows)
