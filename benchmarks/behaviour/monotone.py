"""Where a function is monotone, the results for neighbouring inputs must not go the wrong way."""

import mpmath
import numpy as np

from ..accuracy import reference
from ..formats import ordinal, ulp
from ..inputs import input_sets

RUN = 1 << 12
RUNS = 1 << 8


def measure(module, op, dtype):
    """What a Record of kind ``nonmonotonic`` says: how many pairs go the wrong way.

    All inputs of 16-bit formats; of wider ones runs of neighbours, evenly spread in number.
    """
    format = ulp.FORMATS[dtype]
    pairs = wrong = 0
    first = None
    for low, high, direction in op.monotonic:
        for starts, length in _runs(low, high, format):
            found = wrong_way(module, op, dtype, starts, length, direction)
            pairs += found["pairs"]
            wrong += found["wrong"]
            first = first or found["first"]
    return {"inputs": pairs, "wrong": wrong, "first": first}


def wrong_way(module, op, dtype, starts, length, direction):
    """The same for runs of ``length`` inputs from each of the positions (ordinal.py) ``starts``.

    For a sweep of everything: one run a call, each starting with the last input of the one before.
    """
    format = ulp.FORMATS[dtype]
    starts = np.asarray(starts, np.uint64)
    places = starts[:, np.newaxis] + np.arange(length, dtype=np.uint64)
    bits = ordinal.bits_at(places, format)
    got = np.ravel(module.evaluate(op, dtype, [np.ravel(bits)])).reshape(bits.shape)
    results = ulp.wide(got, format)
    before, after = results[:, :-1], results[:, 1:]
    with np.errstate(invalid="ignore"):
        wrong = after < before if direction > 0 else after > before
    first = None
    if wrong.any():
        run, place = (int(index[0]) for index in np.nonzero(wrong))
        pair = (run, slice(place, place + 2))
        first = {
            "inputs": [ulp.readable(one, format) for one in bits[pair]],
            "got": [ulp.readable(one, format) for one in got[pair]],
        }
    return {"pairs": wrong.size, "wrong": int(wrong.sum()), "first": first}


def of_block(op, format, arguments, got):
    """Neighbours in a block of an exhaustive sweep (inputs.exhaustive) whose results go the wrong
    way: how many, and the first as bit patterns. None where the op is not monotone at all."""
    if not op.monotonic:
        return None
    values, results = _comparable(arguments[0], format), _comparable(got, format)
    least, most = sorted((values[0], values[-1]))
    wrong = np.zeros(values.size - 1, bool)
    with np.errstate(invalid="ignore"):
        before, after = results[:-1], results[1:]
        # The bit patterns of negative numbers run downwards; a 16-bit block has both signs.
        ascending = values[1:] > values[:-1]
        for low, high, direction in op.monotonic:
            if most < low or high < least:
                continue
            against = np.where(ascending == (direction > 0), after < before, after > before)
            if not (low <= least and most <= high):
                inside = (values >= low) & (values <= high)
                against &= inside[1:] & inside[:-1]
            wrong |= against
    first = np.flatnonzero(wrong)[:1]
    return {
        "wrong": int(wrong.sum()),
        "first": [int(bits) for place in first for bits in arguments[0][place : place + 2]],
    }


def _comparable(bits, format):
    """The values, in the format itself where NumPy has it: four bytes compare faster than eight."""
    return ulp.wide(bits, format) if format.name == "bfloat16" else bits.view(format.name)


def _runs(low, high, format):
    """Positions and length of runs of neighbours from ``low`` to ``high``, some runs at a time."""
    first, last = _ends(low, high, format)
    count = last - first + 1
    if format.width == 16:
        yield [first], count
        return
    length = min(RUN, count)
    at_once = input_sets.BLOCK // RUN
    starts = [first + (count - length) * index // (RUNS - 1) for index in range(RUNS)]
    for index in range(0, RUNS, at_once):
        yield starts[index : index + at_once], length


def _ends(low, high, format):
    """The positions of the first and the last number from ``low`` to ``high``, not beyond."""
    places = []
    with mpmath.workprec(reference.PRECISION):
        for end, inwards in ((low, 1), (high, -1)):
            end = mpmath.mpf(float(end))
            bits = ulp.from_mp(end, format)
            beyond = (ulp.to_mp(bits, format) - end) * inwards < 0
            places.append(int(ordinal.positions(bits, format)) + inwards * int(beyond))
    return places
