"""What is counted of a block of results, and the Records made of it."""

import json
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

from benchmarks.accuracy import error_stats, sweep
from benchmarks.formats import ulp
from benchmarks.formats.ulp import FORMATS
from benchmarks.inputs import input_sets
from benchmarks.ops import OPS

F16, F32 = FORMATS["float16"], FORMATS["float32"]
SQRT = OPS["sqrt"]
EXACT = {"kind": "exact"}
ONE, TWO, NAN, INF = 0x3F800000, 0x40000000, 0x7FC00000, 0x7F800000


def f32(*patterns):
    return np.array(patterns, np.uint32)


def rounded(op, bits, format):
    """Correctly rounded but for ties, through float64."""
    with np.errstate(all="ignore"):
        return ulp.encode(op.wide(*[ulp.wide(b, format) for b in bits]), format)


def of_block(op, arguments, got, format=F32):
    with np.errstate(all="ignore"):
        return error_stats.of_block(op, format, arguments, got)


def planted(at, result):
    """A backend with correctly rounded results, but for one input."""

    def evaluate(op, dtype, arguments):
        got = rounded(op, arguments, FORMATS[dtype])
        got[arguments[0] == at] = result
        return got

    return SimpleNamespace(evaluate=evaluate)


def test_one_planted_error_is_found_exactly():
    # The root of 9 is 3 = 0x4200; 0x4207 is 7 steps of 2**-9 above. Subnormals stay as they are.
    records = sweep.quick(planted(0x4880, 0x4207), "fake", "cpu", SQRT, "float16")
    for region in ("normal", "usual"):
        record = records[region]
        assert (record["max_ulp"], record["misrounded"]) == (7.0, 1 / record["inputs"])
        assert record["worst"]["input"] == [{"bits": "0x4880", "hex": "0x1.2000000000000p+3",
                                             "decimal": "9.0"}]  # fmt: skip
        assert record["worst"]["got"]["decimal"] == repr(3 + 7 / 512)
        assert record["worst"]["exact"] == "3.0"
        assert record["worst"]["exact_hex"] == "0x1.8p+1"
        assert record["worst"]["correctly_rounded"]["bits"] == "0x4200"
        assert record["kind"] == "exact"
    # 9 lies in the binade of 8: the exponent 3, biased by 15.
    profile = dict(records["normal"]["profile"])
    assert profile.pop(18) == 7.0
    assert max(profile.values()) <= 0.5
    assert records["subnormal"]["max_ulp"] <= 0.5


def test_bits_that_are_known_are_not_judged_again(tmp_path, monkeypatch):
    monkeypatch.setenv("ULPWATCH_KEPT", str(tmp_path))
    first = sweep.quick(planted(0x4880, 0x4207), "fake", "cpu", SQRT, "float16")
    judge = sweep._judge
    monkeypatch.setattr(sweep, "_judge", None)
    again = sweep.quick(planted(0x4880, 0x4207), "another", "gpu", SQRT, "float16")
    mine = {"backend": "another", "device": "gpu"}
    assert again == {region: one | mine for region, one in first.items()}
    # One bit of one result is another: nothing is known of it.
    monkeypatch.setattr(sweep, "_judge", judge)
    other = sweep.quick(planted(0x4880, 0x4206), "another", "gpu", SQRT, "float16")
    assert other["normal"]["max_ulp"] == 6.0
    assert other["normal"]["results"] != first["normal"]["results"]


def test_the_regions_of_float16_have_the_inputs_that_it_has():
    # 30 binades of 1024 positive normal numbers, both zeros and Inf; negative numbers have no root,
    # so that the results are NaN, as they should be, and count nowhere.
    records = sweep.quick(planted(0x4880, 0x4200), "fake", "cpu", SQRT, "float16")
    assert records["normal"]["inputs"] == 30 * 1024 + 3
    assert records["subnormal"]["inputs"] == 1023
    # 100 = 0x5640 is the last usual one; from the smallest normal 0x0400 on, and both zeros.
    assert records["usual"]["inputs"] == 0x5640 - 0x0400 + 1 + 2
    assert {record["number_wrong"] + record["nan_wrong"] for record in records.values()} == {0}


def test_the_mean_is_that_of_the_errors():
    # Roots of 1 and 4, results 3 and 0 steps of 2**-23 and 2**-22 off.
    found = of_block(SQRT, [f32(ONE, 0x40800000)], f32(ONE + 3, TWO))["usual"]
    record = sweep.record(SQRT, F32, found, "usual", EXACT)
    assert (record["mean_ulp"], record["misrounded"], record["inputs"]) == (1.5, 0.5, 2)


def test_nan_where_a_number_is_due_and_the_reverse():
    # -1 has no root; NaN in belongs to no region.
    arguments = f32(ONE, 0xBF800000, 0xBF800000, NAN, NAN)
    found = of_block(SQRT, [arguments], f32(NAN, ONE, NAN, ONE, NAN))
    one = found["normal"]
    assert (one.nan_wrong, one.number_wrong, one.inputs) == (1, 1, 0)
    assert sweep.record(SQRT, F32, one, "normal", EXACT)["max_ulp"] is None
    assert found["subnormal"].nan_wrong == found["subnormal"].number_wrong == 0


def test_flushed_is_zero_where_a_subnormal_is_due():
    # x * 1 for x = 2**-127 (flushed), 2**-127 (right), 2**-126 (zero, but no subnormal is due).
    arguments = [f32(0x00400000, 0x00400000, 0x00800000), f32(ONE, ONE, ONE)]
    found = of_block(OPS["multiply"], arguments, f32(0, 0x00400000, 0))
    assert (found["subnormal"].flushed, found["subnormal"].inputs) == (1, 2)
    assert (found["normal"].flushed, found["normal"].misrounded) == (0, 1)
    # 2**-127 is 2**22 spacings of 2**-149, 2**-126 is 2**23.
    assert found["subnormal"].candidates[0][0] == 2.0**22
    assert found["normal"].candidates[0][0] == 2.0**23


@pytest.mark.parametrize("name", ["exp", "sqrt", "sin", "divide"])
def test_the_fast_path_counts_what_the_general_path_counts(name, monkeypatch):
    plain, calls = error_stats._plain_tally, []
    monkeypatch.setattr(error_stats, "_plain_tally", lambda *args: calls.append(1) or plain(*args))
    op = OPS[name]
    usual = (1.0, 9.0)
    arguments = [input_sets.uniform(usual, F32, 7 + i, 0, 5000) for i in range(op.arity)]
    got = rounded(op, arguments, F32)
    got[::7] += np.uint32(2)
    fast = of_block(op, arguments, got)
    assert calls == [1]
    # One NaN among the inputs sends the whole piece down the general path, and counts nowhere.
    with_nan = [np.append(bits, np.uint32(NAN)) for bits in arguments]
    general = of_block(op, with_nan, np.append(got, np.uint32(NAN)))
    assert calls == [1]
    for region in ("normal", "usual"):
        one, other = fast[region], general[region]
        assert one.inputs == other.inputs == 5000
        assert one.misrounded == other.misrounded >= 5000 // 7
        assert one.total == pytest.approx(other.total, rel=1e-12)
        assert one.candidates[0] == other.candidates[0]
        assert one.profile == other.profile


def test_merging_adds_counts_and_keeps_the_largest():
    one = of_block(SQRT, [f32(ONE)], f32(ONE + 3))["normal"]
    other = of_block(SQRT, [f32(0x40800000)], f32(TWO + 5))["normal"]
    one.merge(error_stats.Tally(json.loads(json.dumps(other.plain()))))
    assert (one.inputs, one.total, one.misrounded) == (2, 8.0, 2)
    assert [candidate[0] for candidate in one.candidates] == [5.0, 3.0]
    assert one.profile == {127: 3.0, 129: 5.0}  # the biased exponents of 1 and 4


@pytest.mark.parametrize("result", [INF, 0xFF800000, 0x7F7FFFFF, NAN, 0])
@pytest.mark.parametrize("name", ["exp", "reciprocal"])
def test_a_record_has_finite_numbers_only(name, result):
    arguments = f32(ONE, 0, 0x80000000, 1, INF, 0xFF800000, 0x7F7FFFFF, 0xFF7FFFFF, NAN)
    for found in of_block(OPS[name], [arguments], np.full(9, result, np.uint32)).values():
        json.dumps(sweep.record(OPS[name], F32, found, "normal", EXACT), allow_nan=False)
        json.dumps(found.plain(), allow_nan=False)


@pytest.mark.parametrize("value", [1.0, -0.1, 5e-324, 1.7976931348623157e308, 0.75, 2.0**-30])
def test_exact_answers_are_hex_floats(value):
    assert float.fromhex(sweep.hex_of(mpmath.mpf(value))) == value


def test_a_hex_float_of_101_bits_is_more_than_a_float64():
    with mpmath.workprec(133):
        # 1/3 is 0x1.5555…p-2; 100 bits behind the point are 25 digits.
        assert sweep.hex_of(mpmath.mpf(1) / 3) == "0x1.5555555555555555555555555p-2"


def test_the_sign_of_an_infinity_at_zero_hides_no_error():
    """TensorFlow 1.15.5 gives digamma(0) as +inf, C and the filter as −inf."""
    format, op = F16, OPS["digamma"]
    arguments = [np.array([0x0000, 0x8000, 0x4200], np.uint16)]  # +0, −0, 3
    got = np.array([0x7C00, 0x7C00, 0x4000], np.uint16)  # +inf, +inf, and 2 for 0.9228
    with np.errstate(all="ignore"):
        found = error_stats.of_block(op, format, arguments, got)["normal"]
    assert found.inputs == 3
    (claimed, (worst,), _), *_ = found.candidates
    assert worst == 0x4200
    assert claimed == pytest.approx((2 - 0.92278) * 2**11, abs=1)


@pytest.mark.parametrize("count", [1, 2, 16])
def test_of_equal_errors_the_first_are_kept(count):
    errors = input_sets.random_bits(3, 0, 5000) % np.uint64(7) / 2.0
    first = sorted(range(errors.size), key=lambda i: (-errors[i], i))[:count]
    assert sorted(error_stats._largest(errors, count)) == sorted(first)
