"""Variants of results on the pages: where each was seen, and what depends on a CPU's maker."""

import subprocess
import sys

import polars as pl
import pytest

from tests import made_results as made
from tests.made_results import ULP, record
from tools.report.facts import result_variants
from tools.report.site import Site
from tools.results import history

NAME = "numpy-2.0.2"
V3 = "fma movbe avx f16c abm bmi1 avx2 bmi2 cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3"
V4 = f"{V3} avx512f avx512bw avx512cd avx512dq avx512vl"
INTEL, AMD = "Intel(R) Xeon(R) Processor", "AMD EPYC"


@pytest.fixture
def site(tmp_path):
    """A site of machines by name: the model, the features and the Records of each."""

    def site(**machines):
        results = tmp_path / "results"
        made.write_benchmarks(results)
        records = []
        for name, (model, features, mine) in machines.items():
            numbers = {("numpy", "exp", "float32", "normal", "cpu"): 1.0}
            made.write(results, NAME, {ULP: numbers}, machine=name)
            cpu = {"model": model, "features": features.split()}
            made.write_listing(results, NAME, [], machine=name, cpu=cpu)
            records += [{**one, "machine": name, "release": NAME} for one in mine]
        return Site(history.load(results, made.RELEASES), records, results, tmp_path / "html")

    return site


def test_what_differs_at_the_same_level_depends_on_the_maker(site):
    (one,) = result_variants.by_maker(site(
        a=(INTEL, V4, [record(results="a", mean_ulp=0.25, max_ulp=1.5)]),
        b=(AMD, V4, [record(results="b", mean_ulp=0.30, max_ulp=1.25)]),
    ))  # fmt: skip
    assert (one["op"], one["releases"], one["makers"]) == ("exp", [NAME], ["AMD", "Intel"])
    assert one["errors"] == {"Intel": 1.5, "AMD": 1.25}


@pytest.mark.parametrize(
    "other",
    [
        (AMD, V3, [record(results="b", mean_ulp=0.3)]),  # another level
        (AMD, V4, [record(results="a", mean_ulp=0.3)]),  # the same bits
        (AMD, V4, [record(results="b", mean_ulp=0.25)]),  # the same errors: other NaN
        ("POWER9", V4, [record(results="b", mean_ulp=0.3)]),
    ],
)
def test_what_has_another_reason_does_not(site, other):
    of_intel = (INTEL, V4, [record(results="a", mean_ulp=0.25)])
    assert result_variants.by_maker(site(a=of_intel, b=other)) == []


def test_what_two_makers_share_is_no_makers(site):
    found = result_variants.by_maker(site(
        a=(INTEL, V4, [record(results="a", mean_ulp=0.25)]),
        b=(AMD, V4, [record(results="b", mean_ulp=0.30)]),
        c=(AMD, V4, [record(results="a", mean_ulp=0.25)]),
    ))  # fmt: skip
    assert found == []


def test_a_processor_that_computes_in_float16_is_beyond_its_level(site):
    # NumPy 2.3 does so where there is AVX512_FP16, which v4 lacks.
    found = result_variants.by_maker(site(
        a=(INTEL, f"{V4} avx512_fp16", [record("exact", dtype="float16", results="a", mean_ulp=1)]),
        b=(AMD, V4, [record("exact", dtype="float16", results="b", mean_ulp=2)]),
    ))  # fmt: skip
    assert found == []


def test_places_with_the_same_bits_are_one_variant_with_its_best_record(site):
    swept = record("exact", results="all", max_ulp=2.0)
    one = site(
        a=(INTEL, V4, [record(results="x", max_ulp=1.5), swept]),
        b=(AMD, V4, [record(results="x", max_ulp=1.5),
                     record(results="x", device="cpu-v4", max_ulp=1.5),
                     record(results="y", device="cpu-v2", max_ulp=0.75)]),
    )  # fmt: skip
    found = result_variants.of_newest(one, one.records)
    assert [(v["kind"], v["max_ulp"], v["seen"]) for v in found] == [
        ("exact", 2.0, {"a": ["cpu"], "b": ["cpu", "cpu-v4"]}),
        ("sample", 0.75, {"b": ["cpu-v2"]}),
    ]
    assert [v["levels"] for v in found] == [["v4"], ["v2"]]
    shown = 'python -m tools.evaluate "exp(0x1.0000000000000p+0)" numpy-2.0.2 --dtype float32'
    assert found[0]["evaluate"] == shown
    assert found[1]["evaluate"] == f"{shown} --device cpu-v2"


def test_a_line_of_python_shows_a_worst_input_again():
    """The square root of 2 is 1.41421356…, in float32 0x1.6a09e6p+0; 2 to the 2 is 4."""

    def printed(op, arguments):
        worst = {"input": [made.number(2.0)] * arguments}
        record_ = {**record(op=op), "worst": worst, "release": "numpy-2.4.6"}
        line = result_variants.python_line(record_)
        done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True)
        return done.stdout.strip()

    assert printed("sqrt", 1) == "0x1.6a09e60000000p+0"
    assert printed("pow", 2) == "0x1.0000000000000p+2"
    # TensorFlow 1 has sessions, which take more than a line.
    old = {**record(), "backend": "tensorflow", "release": "tensorflow-1.15.5"}
    assert result_variants.python_line(old) == ""


def test_a_distribution_is_of_each_level_with_the_bits(site):
    within = {"0.5": 0.5, "1": 0.75, "2": 1.0, "4": 1.0}
    one = site(a=(INTEL, V4, [record(results="x"),
                              record(results="x", device="cpu-v3", within=within),
                              record(results="y", device="cpu-v2")]))  # fmt: skip
    found = result_variants.distributions(one, one.records)
    assert {line["level"] for line in found} == {"v4", "v3"}
    assert [line["within"] for line in found] == [[0.5, 0.75, 1.0, 1.0]] * 2


def test_nothing_is_known_of_an_empty_history(tmp_path):
    one = Site(pl.DataFrame(schema=history.SCHEMA), [], tmp_path, tmp_path / "html")
    assert result_variants.by_maker(one) == result_variants.of_newest(one, []) == []
