"""Calls that people have reported: what each release of NumPy makes of them, at each level."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks import levels
from tools.foundation.paths import ROOT

pytestmark = pytest.mark.e2e
# Issues of numpy/numpy and what was measured on another processor with AVX-512: the releases (of
# those in the table from 1.20 on) with a wrong result there. With AVX2 there is none.
WRONG = {
    "log(1e4)": ("1.20.3", "1.21.6", "1.22.4", "1.23.5", "1.24.4", "1.25.2", "1.26.4"),
    "log(1e6)": ("1.20.3", "1.21.6", "1.22.4"),
    "log(0.8181818181818182)": ("1.20.3", "1.21.6", "1.22.4"),
    "log(2.718281828459045)": ("1.23.5", "1.24.4", "1.25.2", "1.26.4"),
}
avx512 = pytest.mark.skipif(
    levels.here() != "v4", reason="this processor has no AVX-512: nothing is wrong at v3"
)


def evaluate(*args: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tools.evaluate", *args], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code in (0, 1) else done.stderr


def rows(text: str, device: str) -> dict[str, dict]:
    (found,) = [json.loads(text)]
    documents = found if isinstance(found, list) else [found]
    return {
        one["expression"]: {
            row["release"].partition("-")[2]: row for row in one["rows"] if row["device"] == device
        }
        for one in documents
    }


@avx512
def test_logarithms_that_avx512_gets_wrong():
    text = evaluate(*WRONG, "numpy>=1.20", "--device", "cpu-v4,cpu-v3", "--format", "json")
    for expression, found in rows(text, "cpu-v4").items():
        wrong = [version for version, row in found.items() if not row["correctly_rounded"]]
        assert tuple(wrong) == WRONG[expression], expression
        assert all(0.5 < found[version]["ulp"] < 1 for version in wrong)
    e = rows(text, "cpu-v4")["log(2.718281828459045)"]["1.26.4"]
    assert e["result"] == {"decimal": "0.9999999999999999", "hex": "0x1.fffffffffffffp-1"}
    assert e["changed"] is False and rows(text, "cpu-v4")["log(1e4)"]["2.0.2"]["changed"] is True
    for found in rows(text, "cpu-v3").values():
        assert len(found) >= 13 and all(row["correctly_rounded"] for row in found.values())


@avx512
def test_a_change_can_be_a_failure_and_a_place_can_matter():
    several = ("log(1e4)", "numpy-1.20.3 numpy-1.26.4 numpy-2.0.2", "--device", "cpu-v4")
    table = evaluate(*several, "--fail-on", "changed", code=1)
    # In 1.20 one number alone took another loop than many.
    assert "numpy-1.20.3" in table and "alone 9.210340371976184" in table
    evaluate("log(2)", *several[1:], "--fail-on", "changed")


def test_a_question_about_a_release(tmp_path):
    found = json.loads(evaluate("sqrt(2)", "numpy-2.4.6", "--format", "json"))
    # The square root of 2 to 25 digits (Wolfram MathWorld, Pythagoras's constant).
    assert found["exact"]["decimal"] == "1.414213562373095048801689"
    (row,) = found["rows"]
    assert row["result"] == {"decimal": "1.4142135623730951", "hex": "0x1.6a09e667f3bcdp+0"}
    assert (row["correctly_rounded"], row["changed"], row["places_differ"]) == (True, False, False)
    assert 0 < row["ulp"] < 0.5
    same = evaluate("sqrt(2)", "numpy-2.4.6", "--format", "markdown")
    assert "| numpy-2.4.6" in same and "correctly rounded" in same


def test_a_function_that_the_table_lacks_has_no_exact_result():
    found = json.loads(evaluate("sinc(0)", "numpy-2.4.6", "--format", "json"))
    (row,) = found["rows"]
    assert found["exact"] is row["ulp"] is row["correctly_rounded"] is None
    assert row["result"]["decimal"] == "1.0"


def test_what_cannot_be_had_is_told():
    assert evaluate("log(1)", "numpy>=99", code=2).count("\n") == 1
    assert "no expression" in evaluate("numpy-2.4.6", "numpy", code=2)
    assert "of which releases" in evaluate("log(1)", code=2)
    for option, value in [("--device", "cpu-v5"), ("--dtype", "float8"), ("--backend", "torch")]:
        said = evaluate("log(1)", "numpy-2.4.6", option, value, code=2)
        assert value in said and said.count("\n") == 1
    evaluate("erf(1)", "numpy-2.4.6", code=3)
