"""How far apart two libraries' results are: TensorFlow and the NumPy that is installed with it."""

import numpy as np

from ..formats import ordinal, ulp
from ..inputs import input_sets
from . import layout


def measure(module, beside, op, dtype):
    """What a Record of kind ``distance`` says, over the quick profile's normal inputs.

    Where ``beside`` is subnormal is left out: TensorFlow flushes that to zero, as sweep.py counts.
    """
    format = ulp.FORMATS[dtype]
    most = count = differing = nan_differs = 0
    worst = None
    for arguments in input_sets.quick(op, format):
        got = module.evaluate(op, dtype, arguments)
        due = beside.evaluate(op, dtype, arguments)
        inside = np.ones(due.shape, bool)
        for bits in [*arguments, due]:
            inside &= ~_is_subnormal(bits, format)
        for bits in arguments:
            inside &= ~ordinal.is_nan(bits, format)
        nan = ordinal.is_nan(got, format), ordinal.is_nan(due, format)
        nan_differs += int(np.sum(inside & (nan[0] != nan[1])))
        inside &= ~nan[0] & ~nan[1]
        apart = np.where(inside, ordinal.distance(got, due, format), np.uint64(0))
        count += int(inside.sum())
        differing += int(np.count_nonzero(apart))
        index = int(np.argmax(apart))
        if int(apart[index]) > most:
            most = int(apart[index])
            worst = layout.witness(arguments, index, got[index], due[index], format)
    return {
        "inputs": count, "max_distance": most, "differing": differing,
        "nan_differs": nan_differs, "worst": worst,
    }  # fmt: skip


def _is_subnormal(bits, format):
    magnitude = bits & format.uint.type((1 << (format.width - 1)) - 1)
    return (magnitude != 0) & (magnitude < format.uint.type(1 << (format.precision - 1)))
