"""Errors of blocks, with faults planted in a function that is otherwise correctly rounded."""

import json

import numpy as np
import pytest

from benchmarks import inputs, ops, sweep, tally, ulp

FLOAT32 = ulp.FORMATS["float32"]
EXP = ops.OPS["exp"]


class Module:
    """A backend that rounds correctly (float64 rounded to float32), but for what is planted."""

    def __init__(self, faults=None):
        self.faults = faults or {}

    def evaluate(self, op, dtype, arguments):
        format = ulp.FORMATS[dtype]
        with np.errstate(all="ignore"):
            got = op.wide(*[ulp.wide(bits, format) for bits in arguments]).astype(dtype)
        got = got.view(format.uint)
        for given, result in self.faults.items():
            got[arguments[0] == np.array(given, dtype).view(format.uint)] = np.array(
                result, dtype
            ).view(format.uint)
        return got


def exp_near(value, count=1 << 16):
    """Neighbouring inputs from ``value`` on, and their results."""
    start = int(np.float32(value).view(np.uint32))
    return [np.arange(start, start + count, dtype=np.uint32)]


def test_a_planted_error_is_found_exactly():
    # exp(1) = 2.71828182845904523536…; float32's spacing in [2, 4) is 2**-22. Five steps above
    # the nearest float32, 0x402df854 = 2.71828174591064453125, that is 5 − 0.3462… ULP off.
    nearest = np.uint32(0x402DF854).view(np.float32)
    planted = (np.uint32(0x402DF854) + np.uint32(5)).view(np.float32)
    error = 5 - (2.71828182845904523536 - 2.71828174591064453125) * 2**22
    arguments = exp_near(0.95, 1 << 20)
    got = Module({np.float32(1): planted}).evaluate(EXP, "float32", arguments)
    found = tally.of_block(EXP, FLOAT32, arguments, got)
    found = sweep.record(EXP, FLOAT32, found["normal"], "normal", {"kind": "exact"})
    assert found["max_ulp"] == pytest.approx(error, abs=1e-7)
    assert found["worst"]["input"][0]["bits"] == "0x3f800000"
    assert float.fromhex(found["worst"]["correctly_rounded"]["hex"]) == float(nearest)
    assert found["misrounded"] == 1 / (1 << 20)
    assert found["profile"][-1][0] == 127 and found["profile"][0][1] <= 0.5


def test_the_short_way_and_the_long_way_agree():
    arguments = exp_near(2.0)
    module = Module({np.float32(2.0001): 8.0})
    short = tally.of_block(EXP, FLOAT32, arguments, module.evaluate(EXP, "float32", arguments))
    # One NaN among the inputs, and the piece is no plain case any more.
    arguments = [np.append(arguments[0][:-1], np.uint32(0x7FC00000))]
    long = tally.of_block(EXP, FLOAT32, arguments, module.evaluate(EXP, "float32", arguments))
    assert long["normal"].inputs == short["normal"].inputs - 1
    assert long["normal"].candidates[0] == short["normal"].candidates[0]
    assert long["normal"].total == pytest.approx(short["normal"].total, abs=1)


def test_nan_where_a_number_is_due_is_counted_and_no_error():
    arguments = exp_near(1.0)
    got = Module({np.float32(1): np.nan}).evaluate(EXP, "float32", arguments)
    found = tally.of_block(EXP, FLOAT32, arguments, got)["normal"]
    assert (found.nan_wrong, found.number_wrong) == (1, 0)
    assert found.inputs == arguments[0].size - 1
    assert found.candidates[0][0] <= 0.5


def test_a_number_where_nan_is_due_is_counted():
    arguments = exp_near(-1.0)
    sqrt = ops.OPS["sqrt"]
    got = Module({np.float32(-1): 7.0}).evaluate(sqrt, "float32", arguments)
    found = tally.of_block(sqrt, FLOAT32, arguments, got)["normal"]
    assert (found.nan_wrong, found.number_wrong, found.inputs) == (0, 1, 0)


def test_lost_subnormals_are_a_region_of_their_own():
    negative = ops.OPS["negative"]
    arguments = [np.arange(1, 1 + (1 << 16), dtype=np.uint32)]  # the smallest subnormals
    got = np.zeros(1 << 16, np.uint32)
    found = tally.of_block(negative, FLOAT32, arguments, got)
    assert found["normal"].inputs == found["usual"].inputs == 0
    assert found["subnormal"].flushed == found["subnormal"].inputs == 1 << 16
    assert found["subnormal"].candidates[0][0] == 1 << 16  # the largest is 2**16 steps from zero


def test_infinity_for_a_number_is_the_next_number():
    # exp(88.72283) = 3.4028e38 is just below float32's largest, 2**128 − 2**104.
    arguments = exp_near(88.3)
    got = Module({np.float32(88.5): np.inf}).evaluate(EXP, "float32", arguments)
    found = tally.of_block(EXP, FLOAT32, arguments, got)["normal"]
    error = (2.0**128 - np.exp(88.5)) / 2.0**104
    assert found.candidates[0][0] == pytest.approx(error, rel=1e-9)


def test_merging_in_any_order_is_the_same():
    blocks = [exp_near(value) for value in (0.5, 1.0, 3.0)]
    parts = [tally.of_block(EXP, FLOAT32, b, Module().evaluate(EXP, "float32", b)) for b in blocks]
    there, back = tally.Tally(), tally.Tally()
    for part in parts:
        there.merge(part["normal"])
    for part in reversed(parts):
        back.merge(tally.Tally(json.loads(json.dumps(part["normal"].plain()))))
    assert there.candidates == back.candidates and there.profile == back.profile
    assert there.inputs == 3 << 16


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["exp", "log", "pow", "divide"])
def test_records_of_the_quick_profile_hold_finite_numbers_only(name, dtype):
    found = sweep.quick(Module(), "fake", "cpu", ops.OPS[name], dtype)
    assert set(found) == set(tally.REGIONS)
    json.dumps(found, allow_nan=False)
    assert found["normal"]["kind"] == (
        "exact" if dtype == "float16" and ops.OPS[name].arity == 1 else "sample"
    )
    # Rounded twice (to float64, then to the dtype), so just beyond half an ULP at the most; for
    # float64 it is NumPy's own, whose largest error is below an ULP.
    assert found["normal"]["max_ulp"] < (0.5001 if dtype != "float64" else 1)


def test_float64_without_a_wider_float_is_judged_by_mpmath(monkeypatch):
    with_filter = sweep.quick(Module(), "fake", "cpu", EXP, "float64")["normal"]
    monkeypatch.setattr(ulp, "HAS_WIDE_FLOAT64", False)
    without = sweep.quick(Module(), "fake", "cpu", EXP, "float64")["normal"]
    assert without["filter_ulp"] is None and with_filter["filter_ulp"] > 0
    assert 0.4 < without["max_ulp"] <= with_filter["max_ulp"]
    assert without["inputs"] < with_filter["inputs"] / 10


def test_the_walk_through_float32_leaves_nothing_out():
    blocks = [arguments[0] for arguments in inputs.quick(EXP, FLOAT32)]
    walked = np.unique(np.concatenate(blocks))
    assert walked.size >= 4_000_000
    assert np.unique(walked >> 23).size == 512  # every sign and exponent
    assert np.bitwise_and.reduce(walked) == 0 and np.bitwise_or.reduce(walked) == 0xFFFFFFFF


def test_float64_inputs_have_every_sign_and_exponent():
    words = np.concatenate([a[0] for a in inputs.quick(EXP, ulp.FORMATS["float64"])])
    assert words.size >= 1_000_000
    assert np.unique(words >> np.uint64(52)).size == 4096


def test_blocks_of_a_sweep_are_all_inputs_once():
    assert inputs.exhaustive_blocks(EXP, FLOAT32) * inputs.EXHAUSTIVE_BLOCK == 2**32
    for index in (0, 1, 2047, 2048, 4095):
        (block,) = inputs.exhaustive(EXP, FLOAT32, index)
        assert block[0] == index << 20 and block[-1] == (index << 20) + (1 << 20) - 1
        assert (np.diff(block.astype(np.int64)) == 1).all()
    float16 = ulp.FORMATS["float16"]
    x, y = inputs.exhaustive(ops.OPS["pow"], float16, 1)
    assert set(x.tolist()) == set(range(16, 32)) and np.unique(y).size == 1 << 16


def test_random_words_are_splitmix64():
    def splitmix(counter):
        mask = 2**64 - 1
        word = counter * 0x9E3779B97F4A7C15 & mask
        word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & mask
        word = (word ^ word >> 27) * 0x94D049BB133111EB & mask
        return word ^ word >> 31

    found = inputs.random_bits(3, 5, 4).tolist()
    assert found == [splitmix((3 << 40) + place) for place in range(5, 9)]
