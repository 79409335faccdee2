"""What a function's page says first: whole sentences, worked out from a few numbers."""

import pytest

from tests import made_results as made
from tests.made_results import ULP
from tools.report.facts import op_verdict
from tools.report.pages import op
from tools.report.site import Site
from tools.results import history

OLD, MIDDLE, NEW = "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"
V3 = "fma movbe avx f16c abm bmi1 avx2 bmi2 cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3"


@pytest.fixture
def said(tmp_path):
    def said(errors, counts=()):
        """What is said of float32 exp: ``errors`` by release."""
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for release, value in errors.items():
            numbers = {("numpy", "exp", "float32", "normal", "cpu"): value}
            made.write(results, release, {ULP: numbers}, machine="one")
            cpu = {"model": "AMD EPYC", "features": V3.split()}
            made.write_listing(results, release, [], machine="one", cpu=cpu)
        site = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
        (one,) = op_verdict.of_op(site, "exp", list(counts))
        assert one["dtype"] == "float32"
        return one["sentences"]

    return said


def counted(release, element):
    return {"backend": "numpy", "dtype": "float32", "release": release, "element": element}


def test_an_error_that_never_changed(said):
    assert said({OLD: 1.25, NEW: 1.25}) == [
        "NumPy 2.4.6: off by 1.25 ULP or more (of the inputs tried)."
    ]


def test_since_when_is_the_last_step_from_one_band_to_another(said):
    """From under 1 to under 4 is a step; from 2.5 to 2.6 is none."""
    assert said({OLD: 0.75, MIDDLE: 2.5, NEW: 2.6}) == [
        "NumPy 2.4.6: off by 2.6 ULP or more (of the inputs tried). "
        "Until 2.2.6: off by 0.75 ULP or more."
    ]


def test_half_an_ulp_is_correctly_rounded_and_2_to_the_24_no_result(said):
    assert said({OLD: 2.0**24, NEW: 0.5}) == [
        "NumPy 2.4.6: correctly rounded (of the inputs tried). "
        "Until 2.2.6: results without a correct digit."
    ]


def test_instructions_are_told_with_the_last_that_were_others(said):
    counts = [counted(OLD, 55.0), counted(MIDDLE, 7.5), counted(NEW, 7.0)]
    assert said({NEW: 1.25}, counts)[0].endswith(" 7 instructions an element (55 in 2.2.6).")
    assert said({NEW: 1.25}, counts[1:])[0].endswith(" 7 instructions an element.")


def test_special_values_are_a_row_for_each_case_of_the_newest_release():
    def record(release, dtype, machine, *failures):
        return {"kind": "special", "release": release, "machine": machine, "backend": "numpy",
                "dtype": dtype, "failures": list(failures)}  # fmt: skip

    def failure(got, where):
        return {"given": ["-1"], "due": "nan", "got": {"decimal": got}, "clause": "C17 F.10.3.7",
                "where": where}  # fmt: skip

    rows = op.special([
        record(NEW, "float64", "one", failure("-inf", "alone")),
        record(NEW, "float32", "one", failure("-inf", "in an array"), failure("0", "alone")),
        record(NEW, "float32", "two", failure("-inf", "in an array")),
        record(OLD, "float32", "one", failure("5", "alone")),
    ])  # fmt: skip
    assert [(row["got"], row["dtypes"], row["where"]) for row in rows] == [
        ("-inf", ["float32", "float64"], ["alone", "in an array"]),
        ("0", ["float32"], ["alone"]),
    ]
