"""Levels of x86-64 as devices: what a release computes when it is kept from using more."""

from __future__ import annotations

import pytest

from benchmarks import levels
from tools.results import records

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(levels.here() not in ("v3", "v4"), reason="this processor has no AVX2"),
]
LOG = r"Elementwise\.track_max_ulp\('numpy', 'log', '(float32|float64)', 'normal', 'cpu-v"


def test_a_release_is_held_to_each_level(project):
    project.run("tools.measure", "numpy-1.26.4", "-b", LOG)
    (file,) = project.path.glob("results/*/records/numpy-1.26.4.jsonl")
    found = {
        (one["device"], one["dtype"]): one
        for one in records.load(file)
        if one["region"] == "normal" and one["op"] == "log"
    }
    here = [level for level in levels.LEVELS if level <= levels.here()]
    assert {device for device, _ in found} == {f"cpu-{level}" for level in here}
    # float32's logarithm has code of NumPy's own for AVX2 and AVX-512, of which NumPy's tests allow
    # 4 ULP; below that it is the C library's, correctly rounded but for few.
    assert found["cpu-v2", "float32"]["max_ulp"] < 1 < found["cpu-v3", "float32"]["max_ulp"] < 4
    assert found["cpu-v2", "float32"]["results"] != found["cpu-v3", "float32"]["results"]
    # float64's differs with AVX-512 alone: single calls were reported (test_evaluate.py).
    assert found["cpu-v3", "float64"]["max_ulp"] < 0.51
    assert found["cpu-v3", "float64"]["within"]["1"] == 1
    if "v4" in here:
        assert found["cpu-v4", "float64"]["max_ulp"] > 1
        assert found["cpu-v4", "float64"]["within"]["0.5"] < 0.8


def test_a_release_without_a_switch_says_why(project):
    project.run("tools.measure", "numpy-1.19.5", "-b", LOG)
    (file,) = project.path.glob("results/*/environments/numpy-1.19.5.jsonl")
    (line,) = file.read_text().splitlines()
    assert "a switch of the instruction set from 1.20 on" in line
    (records_of,) = project.path.glob("results/*/records/numpy-1.19.5.jsonl")
    # Its own level needs no switch.
    assert {one["device"] for one in records.load(records_of)} == {f"cpu-{levels.here()}"}
