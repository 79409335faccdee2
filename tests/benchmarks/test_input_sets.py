"""Which inputs are measured: all of them where that is promised, and the same ones everywhere."""

import numpy as np
import pytest

from benchmarks.formats.ulp import FORMATS, wide
from benchmarks.inputs import input_sets
from benchmarks.ops import OPS

SQRT, ADD = OPS["sqrt"], OPS["add"]
F16, F32, F64 = (FORMATS[name] for name in ("float16", "float32", "float64"))


def splitmix64(state, count):
    """Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, as published (the state
    goes up by the golden gamma, the outputs are mixed), with Python's integers."""
    mask = 2**64 - 1
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def test_random_bits_are_those_of_splitmix64():
    # Position n of ours has the state n * gamma: the first output of seed 0 is at position 1.
    assert list(map(int, input_sets.random_bits(0, 1, 100))) == list(splitmix64(0, 100))
    # A published value: the first output of the generator with seed 0.
    assert int(input_sets.random_bits(0, 1, 1)[0]) == 0xE220A8397B1DCDAF


def test_a_stream_does_not_depend_on_how_it_is_cut():
    for seed in (0, 7, 131):
        whole = input_sets.random_bits(seed, 0, 1000)
        cut = [input_sets.random_bits(seed, start, 250) for start in (0, 250, 500, 750)]
        assert np.array_equal(whole, np.concatenate(cut))
        gamma = 0x9E3779B97F4A7C15
        state = (((seed << 40) - 1) * gamma) % 2**64
        assert list(map(int, whole[:20])) == list(splitmix64(state, 20))


def test_streams_of_two_seeds_do_not_meet():
    one, other = input_sets.random_bits(1, 0, 100_000), input_sets.random_bits(2, 0, 100_000)
    assert np.intersect1d(one, other).size == 0


def test_the_walk_over_float32_has_four_million_patterns_of_every_exponent_and_sign():
    blocks = [block[0] for block in input_sets.quick(SQRT, F32)]
    patterns = np.concatenate(blocks)
    assert all(block.size == input_sets.BLOCK for block in blocks)
    assert patterns.size > 4_000_000
    assert np.diff(np.sort(patterns)).min() > 0  # all distinct
    sign_and_exponent = patterns >> np.uint32(23)
    # Steps of 1009 hit a binade of 2**23 patterns 8313 times at least.
    counts = np.bincount(sign_and_exponent.astype(int))
    assert counts.size == 512
    assert counts.min() >= 2**23 // 1009


def test_float64_has_every_exponent_and_sign_and_then_the_usual_interval():
    blocks = [block[0] for block in input_sets.quick(SQRT, F64)]
    everything = np.concatenate(blocks[:-8])
    counts = np.bincount((everything >> np.uint64(52)).astype(int), minlength=4096)
    assert counts.size == 4096
    assert counts.min() == counts.max() == 320
    usual = np.concatenate(blocks[-8:]).view(np.float64)
    assert usual.min() >= 0
    assert usual.max() <= 100
    # A thousandth of the interval at both ends has one of half a million uniform ones.
    assert usual.min() < 0.1
    assert usual.max() > 99.9


@pytest.mark.parametrize("format", [F16, FORMATS["bfloat16"]])
def test_all_patterns_of_16_bits_are_measured(format):
    for blocks in (list(input_sets.quick(SQRT, format)), [input_sets.exhaustive(SQRT, format, 0)]):
        ((bits,),) = blocks
        assert np.array_equal(np.sort(bits), np.arange(1 << 16))
    assert input_sets.is_exhaustive(SQRT, format)
    assert input_sets.exhaustive_blocks(SQRT, format) == 1


def test_blocks_of_float32_meet_without_gap_or_overlap():
    count = input_sets.exhaustive_blocks(SQRT, F32)
    size = 2**32 // count
    assert size * count == 2**32
    ends = []
    for index in range(count):
        if index % 97 in (0, 1) or index == count - 1:  # a block is the whole of its range
            (bits,) = input_sets.exhaustive(SQRT, F32, index)
            assert np.array_equal(bits, np.arange(index * size, (index + 1) * size))
            ends.append(int(bits[-1]))
    assert ends[-1] == 2**32 - 1


def test_blocks_of_two_arguments_are_all_pairs():
    # 2**32 pairs: the first argument changes every 2**16 pairs, the last with each.
    assert input_sets.exhaustive_blocks(ADD, F16) * input_sets.EXHAUSTIVE_BLOCK == 2**32
    first, last = input_sets.exhaustive(ADD, F16, 3)
    start = 3 * input_sets.EXHAUSTIVE_BLOCK
    pairs = (first.astype(np.int64) << 16) + last
    assert np.array_equal(pairs, np.arange(start, start + input_sets.EXHAUSTIVE_BLOCK))


@pytest.mark.parametrize("name", FORMATS)
def test_pairs_are_any_usual_and_one_of_each(name):
    format = FORMATS[name]
    blocks = list(input_sets.quick(ADD, format))
    assert all(len(block) == 2 and block[0].dtype == format.uint for block in blocks)
    for block in blocks[1::2]:  # usual ones; add's intervals are from -100 to 100
        assert all(np.abs(wide(bits, format)).max() <= 100 for bits in block)
    for anything, mixed in zip(blocks[0::4], blocks[2::4], strict=True):
        signs_and_exponents = 1 << (format.width - format.precision + 1)
        of_first = anything[0] >> format.uint.type(format.precision - 1)
        assert np.unique(of_first).size == signs_and_exponents
        assert np.abs(wide(mixed[1], format)).max() <= 100
