"""The committed history agrees with itself, and does not cry wolf: what has the same bits has the
same errors, and a number is that of its Record."""

import itertools
import re
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from tools.releases.release_table import load
from tools.results import history

RESULTS = Path(__file__).parents[2] / "results"
KINDS = {"max_ulp": ("sample", "exact"), "max_ulp_exact": ("exact",), "max_ulp_search": ("search",)}
COMPUTED = ("inputs", "nan_wrong", "number_wrong", "flushed")
# Of many inputs that long double's 64 bits put at the same distance, which is certified is chance.
TOLD_APART = {"float64": 2**-10}
# A mean is the filter's, which is itself computed by the release's NumPy, on the processor at hand:
# one ULP of float64 is 2^-29 of float32. Hence also some inputs are beyond 0.5 ULP or not: where
# errors are spread evenly, two sides of as much.
SHARE = 2**-28


# Significand bits and the exponents of the smallest and the largest normal numbers (IEEE 754-2019,
# table 3.5; bfloat16 is the upper half of float32).
FORMATS = {
    "float16": (11, -14, 15),
    "bfloat16": (8, -126, 127),
    "float32": (24, -126, 127),
    "float64": (53, -1022, 1023),
}


def rational(text):
    """A C99 hexadecimal number of any length."""
    sign, whole, fraction, power = re.fullmatch(
        r"([-+]?)0x(\d)\.?([0-9a-f]*)p([-+]\d+)", text
    ).groups()
    number = Fraction(int(whole + fraction, 16)) / 16 ** len(fraction) * Fraction(2) ** int(power)
    return -number if sign == "-" else number


def binade(number):
    """Its exponent of 2: Fraction(3) is in that of 1."""
    exponent = abs(number.numerator).bit_length() - number.denominator.bit_length()
    return exponent - (abs(number) < Fraction(2) ** exponent)


def grouped(records, *keys):
    def key(record):
        return tuple(record[name] for name in keys)

    return itertools.groupby(sorted(records, key=key), key)


@pytest.fixture(scope="module")
def records():
    problems = []
    found = list(history.records(RESULTS, problems))
    assert problems == []
    return found


def test_the_same_bits_have_the_same_errors(records):
    hashed = [record for record in records if record.get("results")]
    same = grouped(hashed, "op", "dtype", "kind", "region", "results")
    shared = 0
    for key, those in same:
        first, *others = those
        shared += len(others)
        for other in others:
            for name in COMPUTED:
                assert other[name] == first[name], (key, name, first["release"], other["release"])
            nearest = pytest.approx(first["max_ulp"], abs=TOLD_APART.get(first["dtype"], 2**-24))
            assert other["max_ulp"] == nearest, (key, first["release"], other["release"])
            # x87's transcendental instructions are each maker's own: the means of two judges are no
            # further apart than their filters are wrong, and as many inputs may cross 0.5 ULP.
            wide = first["dtype"] == "float64"
            off = wide * ((first["filter_ulp"] or 0) + (other["filter_ulp"] or 0))
            share = pytest.approx(first["misrounded"] or 0, abs=SHARE + 2 * off)
            assert (other["misrounded"] or 0) == share, key
            mean = pytest.approx(first["mean_ulp"] or 0, rel=1e-9, abs=2**-29 + off)
            assert (other["mean_ulp"] or 0) == mean, key
    assert shared  # libraries, releases or devices that agree in some function, sqrt at least


def test_a_number_is_the_distance_of_its_result_from_the_exact_answer(records):
    checked = 0
    for one in records:
        if one["kind"] not in ("exact", "sample", "search") or not one["worst"]:
            continue
        exact, got = one["worst"]["exact_hex"], one["worst"]["got"]["hex"]
        if "p" not in exact:
            continue  # infinite, or zero, which have no binade
        precision, smallest, largest = FORMATS[one["dtype"]]
        exact, end = rational(exact), Fraction(2) ** (largest + 1)
        if abs(exact) >= end:
            continue
        infinite = end if got == "inf" else -end if got == "-inf" else None
        spacing = Fraction(2) ** (max(binade(exact), smallest) - precision + 1)
        error = abs((infinite or rational(got)) - exact) / spacing
        if error < 1e300:  # asv gets no infinity: there is an upper end
            checked += 1
            assert one["max_ulp"] == pytest.approx(float(error), rel=1e-12, abs=1e-12), one
    assert checked


def test_a_maximum_over_all_inputs_is_not_below_one_over_some(records):
    errors = [one for one in records if one["kind"] in ("exact", "sample", "search")]
    compared = 0
    for key, those in grouped(
        errors, "machine", "release", "backend", "device", "op", "dtype", "region"
    ):
        by_kind = {one["kind"]: one["max_ulp"] for one in those}
        exact = by_kind.pop("exact", None)
        for kind, bound in by_kind.items():
            if exact is not None and bound is not None:
                compared += 1
                # The filter finds the candidates to within this much.
                assert bound <= exact + 2**-24, (key, kind)
    assert compared


def test_a_number_is_that_of_its_record(records):
    keys = ("machine", "release", "backend", "device", "op", "dtype", "region")
    kinds = {kind for several in KINDS.values() for kind in several}
    found = {
        (one["kind"], *(one[key] for key in keys)): one["max_ulp"]
        for one in records
        if one["kind"] in kinds
    }
    table = history.load(RESULTS, load())
    compared = 0
    for metric, kinds in KINDS.items():
        rows = table.filter(pl.col("found_on").is_null(), metric=metric, status="measured")
        for row in rows.filter(rows["benchmark"].str.starts_with("bench_accuracy")).rows(
            named=True
        ):
            place = tuple(row[key] for key in keys)
            of_records = {found[kind, *place] for kind in kinds if (kind, *place) in found}
            compared += 1
            assert row["value"] in of_records, (metric, place)
    assert compared


SWEPT = ["sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "expm1", "log1p", "asin", "atan",
         "sinh"]  # fmt: skip
# By backend its library, the first version that has it (`jit_compile` came with TensorFlow 2.1, as
# experimental_compile), and what else is swept: TensorFlow has no cube root.
SWEPT_BY = {
    "numpy": ("numpy", (0,), ["cbrt"]),
    "tensorflow": ("tensorflow", (2,), []),
    "tensorflow-xla": ("tensorflow", (2, 1), []),
}


@pytest.mark.parametrize("backend", SWEPT_BY)
def test_of_every_release_the_exact_maxima_of_float32_are_known_on_some_machine(records, backend):
    have = {
        (one["release"], one["op"], one["kind"])
        for one in records
        if one["backend"] == backend and one["dtype"] == "float32"
    }
    library, first, more = SWEPT_BY[backend]
    wanted = {
        (release.name, *what)
        for release in load()
        if release.library == library and release.parsed.release >= first
        for what in [("pow", "search"), *((op, "exact") for op in SWEPT + more)]
    }
    assert not wanted - have


def errors(records, **of):
    """The largest errors by release of the Records that are ``of`` these, oldest release first."""
    names = [release.name for release in load()]
    mine = [one for one in records if of.items() <= one.items()]
    return {one["release"]: one for one in sorted(mine, key=lambda r: names.index(r["release"]))}


def test_the_roots_of_2017_depend_on_the_maker_of_the_cpu(records):
    # The printout of 2017 has 56, as the same wheel gives them on an Intel CPU.
    seeds = [one for one in records if one["kind"] == "seed" and one["backend"] == "tensorflow"]
    wrong = {one["machine"]: len(one["wrong"]) for one in seeds
             if one["release"] == "tensorflow-1.2.0" and one["device"] == "cpu"}  # fmt: skip
    assert wrong["xeon-spr"] == 56
    assert wrong["zen3"] == 38


def test_numpy_2_3_computes_float16_in_float16_where_the_cpu_does(records):
    # numpy/numpy#23351 gives these errors for its AVX512_FP16 kernels.
    of = {"kind": "exact", "dtype": "float16", "region": "normal", "device": "cpu"}
    for op, error in [("exp", 1.273), ("tanh", 3.0), ("acos", 2.535), ("asin", 3.055)]:
        intel = errors(records, op=op, machine="xeon-spr", backend="numpy", **of)
        assert intel["numpy-2.3.5"]["max_ulp"] == pytest.approx(error, abs=5e-4)
        assert intel["numpy-2.2.6"]["max_ulp"] < 0.501 > intel["numpy-2.4.6"]["max_ulp"]
        amd = errors(records, op=op, machine="vm", backend="numpy", **of)
        assert amd["numpy-2.3.5"]["max_ulp"] < 0.501


def test_the_logarithm_of_float64_was_less_accurate_with_avx512_alone(records):
    # Single calls that were reported are in tests/e2e/test_evaluate.py.
    of = {"op": "log", "dtype": "float64", "kind": "sample", "region": "normal", "machine": "vm"}
    v4, v3, v2 = (errors(records, device=f"cpu-v{n}", **of) for n in (4, 3, 2))
    until = [release.name for release in load()].index("numpy-1.26.4")
    for place, release in enumerate(load()):
        if release.library == "numpy" and release.parsed.release >= (1, 20):
            with_avx512 = v4[release.name]["max_ulp"]
            assert (with_avx512 > 1) if place <= until else (with_avx512 < 0.6), release.name
            assert v3[release.name]["max_ulp"] < 0.51 > v2[release.name]["max_ulp"]
