"""The guided search: it finds what is planted, keeps to its budget, and repeats itself."""

import numpy as np
import pytest

from benchmarks.accuracy import search
from benchmarks.formats import ulp
from benchmarks.formats.ulp import FORMATS
from benchmarks.inputs import input_sets
from benchmarks.ops import OPS

EXP, MULTIPLY = OPS["exp"], OPS["multiply"]
F32, F64 = FORMATS["float32"], FORMATS["float64"]
# One batch is 2**16 evaluations.
BUDGET = 30 * input_sets.BLOCK

needs_wide = pytest.mark.skipif(not ulp.HAS_WIDE_FLOAT64, reason="long double is not wider here")


class Evaluate:
    """float64 rounded from long double; around ``at`` the error grows to ``peak`` ULP."""

    def __init__(self, op, format, at=1.0, reach=1.0, peak=0):
        self.op, self.format, self.count = op, format, 0
        self.at, self.reach, self.peak = at, reach, peak

    def __call__(self, arguments):
        self.count += arguments[0].size
        with np.errstate(all="ignore"):
            values = [ulp.wide(bits, self.format) for bits in arguments]
            narrow = self.op.wide(*values).astype(self.format.name)
            near = np.maximum(0, 1 - np.abs(values[0].astype(float) - self.at) / self.reach)
        steps = np.where(np.isfinite(near), near * self.peak, 0)
        return narrow.view(self.format.uint) + steps.astype(self.format.uint)


def find(evaluate, **options):
    with np.errstate(all="ignore"):
        *progress, last = search.run(
            evaluate.op, evaluate.format, evaluate, options.pop("budget", BUDGET), **options
        )
    return progress, last


def largest(found):
    return found["tallies"]["normal"]["candidates"][0]


def value(bits):
    return float(np.array([bits], np.uint64).view(np.float64)[0])


@pytest.mark.parametrize("name", FORMATS)
def test_numbers_go_up_with_the_values_and_back_to_the_bits(name):
    format = FORMATS[name]
    words = input_sets.random_bits(5, 0, 5000) >> np.uint64(64 - format.width)
    with np.errstate(invalid="ignore"):  # of NaNs that signal
        values = np.asarray(ulp.wide(words.astype(format.uint), format), float)
    bits, values = words[np.isfinite(values)].astype(format.uint), values[np.isfinite(values)]
    order = np.argsort(values)
    numbers = search._to_numbers(bits[order], format)
    bigger = np.diff(values[order]) > 0
    assert np.all((np.diff(numbers) > 0) == bigger)
    assert np.array_equal(search._to_bits(numbers, format), bits[order])


def test_neighbours_have_neighbouring_numbers():
    # 1 and the number below it, the largest subnormal and the smallest normal, 0 and the smallest.
    for pair in ([0x3F7FFFFF, 0x3F800000], [0x007FFFFF, 0x00800000], [0, 1], [0x80000001, 0]):
        below, above = search._to_numbers(np.array(pair, np.uint32), F32)
        assert above - below == 1
    assert search._to_numbers(np.array([0x80000000], np.uint32), F32)[0] == 0


@needs_wide
def test_a_narrow_spike_is_found():
    # A cone over 1 ± 1/1024 that rises to 40 ULP. Of 30 * 2**16 random patterns one lies over it
    # (a 1/1024 of a binade above 1 and a 1/512 below, of 4092 binades), and its top, where it is
    # above 39, is 40 times as narrow.
    evaluate = Evaluate(EXP, F64, at=1.0, reach=2.0**-10, peak=40)
    _, found = find(evaluate)
    error, (argument,), _ = largest(found)
    assert 39 <= error <= 41
    assert abs(value(argument) - 1.0) <= 2.0**-10 / 20


@needs_wide
def test_a_spike_too_narrow_to_meet_is_found_around_a_hard_input():
    # 2**-43 wide, at numbers 2**-53 apart: 2**10 of the 2**64 patterns.
    at = 0.7364512
    (bits,) = np.array([at]).view(np.uint64)
    alone = largest(find(Evaluate(EXP, F64, at, 2.0**-44, 900), budget=3 * input_sets.BLOCK)[1])
    helped = largest(find(Evaluate(EXP, F64, at, 2.0**-44, 900), budget=3 * input_sets.BLOCK,
                          hard=[(int(bits),)])[1])  # fmt: skip
    assert alone[0] <= 1
    assert 899 <= helped[0] <= 901
    assert helped[1] == [int(bits)]


@needs_wide
def test_the_same_seed_gives_the_same_answer_and_another_one_another():
    budget = 4 * input_sets.BLOCK
    one, again, other = (
        find(Evaluate(EXP, F64), budget=budget, seed=seed)[1] for seed in (1, 1, 2)
    )
    assert one == again
    assert one["tallies"] != other["tallies"]


@pytest.mark.parametrize("op", [EXP, MULTIPLY], ids=lambda op: op.name)
@pytest.mark.parametrize("budget", [1, input_sets.BLOCK, 18 * input_sets.BLOCK + 1])
def test_the_last_batch_alone_may_exceed_the_budget(op, budget):
    evaluate = Evaluate(op, F32)
    progress, found = find(evaluate, budget=budget)
    assert found["evaluations"] == evaluate.count
    assert budget <= evaluate.count < budget + input_sets.BLOCK
    assert progress == sorted(progress)
    assert progress[-1] == evaluate.count
