"""The same value at another length, offset or stride must give the same bits."""

import numpy as np

from ..formats import ordinal, ulp
from ..inputs import input_sets

# Every residue of vectors of up to 16 and of loops unrolled to 64; few where each is compiled anew.
LENGTHS = (*range(1, 34), 63, 64, 65, 127)
FEW_LENGTHS = (1, 7, 33)
_SEED = 60
_VALUES = 1024
_OFFSETS = range(1, 16)
_STEPS = (2, 3, -1, -2)


def measure(module, op, dtype):
    """What a Record of kind ``layout`` says: parts of an array against one call with all of it.

    ``max_distance`` is that of ordinal.py: 0 is "the same bits". ``first`` is the first value that
    differs, with its place and the slice of the array that was given when it did.
    """
    format = ulp.FORMATS[dtype]
    arguments = inputs_of(op, format)
    due = module.evaluate(op, dtype, arguments)
    most = calls = differing = 0
    first = None
    for start, stop, step in _slices(module):
        part = slice(start, stop, step)
        got = module.evaluate(op, dtype, [bits[part] for bits in arguments])
        apart = ordinal.distance(got, due[part], format)
        calls += 1
        differing += int(np.count_nonzero(apart))
        most = max(most, int(apart.max()))
        if first is None and most:
            index = int(np.argmax(apart != 0))
            place = int(np.arange(_VALUES)[part][index])
            first = witness(arguments, place, got[index], due[place], format)
            first["slice"] = [start, stop, step]
    return {
        "calls": calls, "max_distance": most, "differing": differing, "first": first,
    }  # fmt: skip


def _slices(module):
    # Four starts for each length, so that other values stand at its end, at other alignments.
    for length in FEW_LENGTHS if module.COMPILES_SHAPES else LENGTHS:
        for index in range(4):
            start = (length * 31 + index * 241) % (_VALUES - 127)
            yield start, start + length, 1
    for offset in _OFFSETS:
        yield offset, _VALUES - 16 + offset, 1
    for step in _STEPS if module.HAS_STRIDES else ():
        yield None, None, step


def inputs_of(op, format):
    """The array, for each argument: numbers of the op's usual interval."""
    return [
        input_sets.uniform(interval, format, _SEED + index, 0, _VALUES)
        for index, interval in enumerate(op.usual)
    ]


def witness(arguments, place, got, due, format):
    """One of many inputs with what came and what should have, for a Record."""
    return {
        "place": place,
        "input": [ulp.readable(bits[place], format) for bits in arguments],
        "got": ulp.readable(got, format),
        "due": ulp.readable(due, format),
    }
