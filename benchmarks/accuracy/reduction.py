"""One backend's reduction over data of many lengths, to one Record per data set.

A Record of kind ``reduction`` has, beside what all have (sweep.py), in ``region`` the data set, and

``inputs``
    how many results were compared.
``max_ulp``, ``worst``
    the largest error in ULP of the result (ulp.py), and where it was: length, place in the result,
    the result and the exact answer.
``max_condition_error``, ``worst_condition``
    the same for |error| / (u·Σ|terms|), u being half an ULP of 1: 1 is what one rounding of one
    term costs, and an algorithm is judged by it whatever the data. exact_reduction.py says what
    Σ|terms| is for each op.
``nan_wrong``
    how many results are NaN; all exact results are numbers.
``by_length``
    for each length both errors.
"""

import mpmath
import numpy as np

from ..formats import ulp
from ..functions import exact_reduction
from ..inputs import data_sets

WELL, ILL = DATA = ("well-conditioned", "ill-conditioned")

# Beside multiples of the vector widths, of NumPy's pairwise blocks (8 and 128) and of the sizes at
# which TensorFlow shares work out to threads.
LENGTHS = (1, 2, 7, 8, 9, 17, 127, 128, 129, 1023, 1025, 8193, 100003)
# Where each new length is compiled anew, which takes longer than all the rest.
FEW_LENGTHS = (1, 7, 9, 129, 1025, 8193, 100003)


def records(module, backend, device, op, dtype):
    """Records by data set."""
    what = {"backend": backend, "device": device, "op": op.name, "dtype": dtype}
    return {
        name: dict(measure(module, op, dtype, make), kind="reduction", region=name, **what)
        for name, make in ((WELL, data_sets.uniform), (ILL, op.ill))
        if make
    }


def measure(module, op, dtype, make):
    """What the Record of one data set says of the results; ``make`` is uniform, cancelling, …"""
    format = ulp.FORMATS[dtype]
    tally = _Tally(format)
    for length in FEW_LENGTHS if module.COMPILES_SHAPES else LENGTHS:
        if length > op.longest:
            break
        arguments = make(op, format, length)
        got = np.ravel(module.evaluate(op, dtype, arguments))
        with mpmath.workprec(exact_reduction.PRECISION):
            values = [exact_reduction.integers(bits, format) for bits in arguments]
            tally.add(length, got, *op.reduce(*values))
    return tally.record()


class _Tally(object):
    """The worst so far, by both measures."""

    def __init__(self, format):
        self.format = format
        self.results = self.nan_wrong = 0
        self.worst = [None, None]  # (error, length, place, got, exact) by ULP and by terms
        self.by_length = {}

    def add(self, length, got, exact, sizes):
        if got.size != len(exact):
            raise ValueError("%d results where %d are due" % (got.size, len(exact)))
        most = [None, None]
        for place, (bits, value, size) in enumerate(zip(got, exact, sizes)):
            error = ulp.exact_error(bits, value, self.format)
            if error != error:
                self.nan_wrong += 1
                continue
            for index, found in enumerate((error, self._by_terms(bits, value, size))):
                if most[index] is None or found > most[index][0]:
                    most[index] = (found, length, place, int(bits), value)
        self.results += len(exact)
        self.by_length[str(length)] = [entry and entry[0] for entry in most]
        for index, entry in enumerate(most):
            if entry and (self.worst[index] is None or entry[0] > self.worst[index][0]):
                self.worst[index] = entry

    def _by_terms(self, bits, exact, size):
        # An overflow counts as in ulp.py. Below the normal numbers what a rounding may cost no
        # longer shrinks with the terms (Higham, section 2.1, equation 2.8).
        limit = mpmath.ldexp(1, self.format.emax + 1)
        got = max(min(ulp.to_mp(bits, self.format), limit), -limit)
        exact = max(min(exact, limit), -limit)
        size = max(size, mpmath.ldexp(1, self.format.emin))
        return min(float(abs(got - exact) / mpmath.ldexp(size, -self.format.precision)), ulp.MAX)

    def record(self):
        by_ulp, by_terms = self.worst
        return {
            "inputs": self.results,
            "max_ulp": by_ulp and by_ulp[0],
            "worst": by_ulp and self._witness(*by_ulp[1:]),
            "max_condition_error": by_terms and by_terms[0],
            "worst_condition": by_terms and self._witness(*by_terms[1:]),
            "nan_wrong": self.nan_wrong,
            "by_length": self.by_length,
        }

    def _witness(self, length, place, got, exact):
        with mpmath.workprec(exact_reduction.PRECISION):
            rounded = ulp.from_mp(exact, self.format)
            return {
                "length": length,
                "place": place,
                "got": ulp.readable(got, self.format),
                "exact": mpmath.nstr(exact, 25),
                "correctly_rounded": ulp.readable(rounded, self.format),
            }
