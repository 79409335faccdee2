"""Which inputs a function is measured on: blocks of bit patterns, the same on every machine."""

from typing import Iterator, List

import numpy as np

from ..formats import ulp

BLOCK = 1 << 16
"""Inputs in a block: the float64 values of one fit into a core's cache."""

EXHAUSTIVE_BLOCK = 1 << 20
"""Inputs in a block of a walk over all inputs: the unit that is cached, resumed, counted."""

# A prime just over 2**32 / (65 blocks): a walk of 65 blocks passes over all float32 bit patterns,
# and every low bit takes both values on its way.
_STRIDE_32 = 1009
_BLOCKS_32 = 65
_PER_EXPONENT_64 = 320


def quick(op, format) -> Iterator[List[np.ndarray]]:
    """Blocks of inputs of the quick profile: for each argument BLOCK bit patterns."""
    if op.arity == 2:
        return _pairs(op, format)
    if format.width == 16:
        return iter([[np.arange(BLOCK, dtype=format.uint)]])
    if format.width == 32:
        return ([_walk(index)] for index in range(_BLOCKS_32))
    return _float64(op, format)


def exhaustive_blocks(op, format):
    """How many blocks all inputs there are fall into, all combinations for two arguments."""
    return max(1, (1 << format.width * op.arity) // EXHAUSTIVE_BLOCK)


def exhaustive(op, format, index):
    """Block ``index`` of all inputs: the bit patterns in order, the last argument's fastest."""
    size = min(EXHAUSTIVE_BLOCK, 1 << format.width * op.arity)
    if op.arity == 1:
        return [np.arange(size, dtype=format.uint) + format.uint.type(index * size)]
    position = np.arange(index * size, (index + 1) * size, dtype=np.uint64)
    shifts = [format.width * place for place in reversed(range(op.arity))]
    # Cutting off to the width of the format is what a cast to it does.
    return [(position >> np.uint64(shift)).astype(format.uint) for shift in shifts]


def is_exhaustive(op, format):
    """Whether the quick profile has all inputs there are."""
    return op.arity == 1 and format.width == 16


def random_bits(seed, start, count):
    """``count`` 64-bit words, from position ``start`` of the stream ``seed``.

    SplitMix64 (Steele, Lea, Flood 2014) with its counter as argument: a block is the same however
    the work is cut up, and on every release of NumPy.
    """
    step = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        word = (np.arange(start, start + count, dtype=np.uint64) + np.uint64(seed << 40)) * step
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return word ^ (word >> np.uint64(31))


def uniform(interval, format, seed, start, count):
    """``count`` bit patterns of numbers uniform over ``interval``."""
    low, high = interval
    fraction = (random_bits(seed, start, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return ulp.encode(low + (high - low) * fraction, format)


def _walk(index):
    position = np.arange(index * BLOCK, (index + 1) * BLOCK, dtype=np.uint64)
    return (position * np.uint64(_STRIDE_32)).astype(np.uint32)


def _float64(op, format):
    """Every exponent and sign in turn with random fractions, then the usual interval."""
    blocks = 2 * 2048 * _PER_EXPONENT_64 // BLOCK
    for index in range(blocks):
        bits = random_bits(1, index * BLOCK, BLOCK)
        exponents = np.arange(index * BLOCK, (index + 1) * BLOCK, dtype=np.uint64)
        yield [(bits >> np.uint64(12)) | (exponents << np.uint64(52))]
    for index in range(8):
        yield [uniform(op.usual[0], format, 2, index * BLOCK, BLOCK)]


def _pairs(op, format):
    """Pairs of any bit patterns, pairs from the usual intervals, and one of each."""
    shift = np.uint64(64 - format.width)
    # Long double takes ten times as long as float64.
    for index in range(16 if format.width == 64 else 64):
        start = index * BLOCK
        anything = [
            (random_bits(3 + argument, start, BLOCK) >> shift).astype(format.uint)
            for argument in range(2)
        ]
        usual = [
            uniform(interval, format, 5 + argument, start, BLOCK)
            for argument, interval in enumerate(op.usual)
        ]
        yield [anything, usual, [anything[0], usual[1]], usual][index % 4]
