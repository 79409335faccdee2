"""Noise floors, and what is found with them, on tables made by hand."""

import json

import polars as pl
import pytest

from tools import history, noise, records
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
    before = pl.concat([table([1e-4] * 10), table([1e-4] * 10, 1), table([1e-4] * 10, 1, "other")])
    after = pl.concat(
        [table([1.02e-4] * 10), table([1.2e-4] * 10, 1), table([1.05e-4] * 10, 1, "other")]
    )
    found = {(r["backend"], r["size"]): r["floor"] for r in noise.floors(before, after).to_dicts()}
    assert found == {("numpy", 1000): 0.02, ("numpy", 1): 0.2, ("other", 1): 0.05}


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
