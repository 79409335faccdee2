"""The errors of blocks of results, counted by region.

Regions: ``normal``, ``usual`` (its part in the op's usual interval) and ``subnormal`` (an input or
the exact result is subnormal: TensorFlow flushes those to zero). Inputs that are NaN belong to
none: what comes of them is a matter of special values.
"""

import numpy as np

from ..formats import ulp
from . import reference

REGIONS = ("normal", "usual", "subnormal")

# A piece whose float64 values stay in a core's cache.
_PIECE = 1 << 16
# So that the mean stays finite: a result with no correct bit is off by 2**53 at the most, but Inf
# where a small number is due counts up to 2**2098.
_MEAN_LIMIT = 2.0**64
# How many inputs of a block are judged where there is no filter.
_FEW = 1 << 11
# How many of the largest errors a block keeps.
_KEPT = 16
_ABOVE = {"above_1": 1.0, "above_2": 2.0, "above_4": 4.0}
_COUNTS = ("inputs", "misrounded", *_ABOVE, "nan_wrong", "number_wrong", "flushed")
_EXPONENT_BITS = np.int64(0x7FF0000000000000)


class Tally(object):
    """What is known of one region: filled block by block, merged, sent as plain values.

    ``inputs``
        how many had a number as exact result and as result.
    ``total``
        the sum of their errors in ULP.
    ``misrounded``
        how many are off by more than 0.5 ULP, for certain (by more than the filter's own error).
    ``above_1``, ``above_2``, ``above_4``
        how many are off by more than that, in ULP, as the filter has it.
    ``nan_wrong``, ``number_wrong``
        how many results are NaN where a number is due, and the reverse.
    ``flushed``
        how many are zero where a subnormal number is due.
    ``candidates``
        the largest errors as [filter's error, argument bits, result bits], largest first.
    ``profile``
        the largest error by binade of the first argument: its sign and exponent bits → error.
    """

    def __init__(self, plain=None):
        self.total = 0.0
        self.candidates = []
        self.profile = {}
        for name in _COUNTS:
            setattr(self, name, 0)
        if plain:
            self.__dict__.update(plain)
            self.profile = {int(binade): error for binade, error in plain["profile"].items()}

    def plain(self):
        """As values for JSON; ``Tally(plain)`` is the way back."""
        return dict(self.__dict__)

    def merge(self, other, keep=64):
        """Add another tally's counts and its largest errors."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.total += other.total
        self.candidates = sorted(self.candidates + other.candidates, reverse=True)[:keep]
        for binade, error in other.profile.items():
            self.profile[binade] = max(error, self.profile.get(binade, 0.0))


def of_block(op, format, arguments, got, exact=None):
    """Tallies by region of the result bits ``got`` for ``arguments`` (bit patterns).

    ``exact`` is what the filter says of them, where it is known already (exact_of_block).
    """
    tallies = {region: Tally() for region in REGIONS}
    arguments = [bits.ravel() for bits in arguments]
    if not reference.has_filter(format):
        _add_without_filter(tallies, op, format, [b[:_FEW] for b in arguments], got[:_FEW])
        return tallies
    for start in range(0, got.size, _PIECE):
        piece = slice(start, start + _PIECE)
        values = [ulp.wide(bits[piece], format) for bits in arguments]
        due = op.wide(*values) if exact is None else exact[piece]
        some = [bits[piece] for bits in arguments]
        _add_piece(tallies, op, format, some, values, due, got[piece])
    return tallies


def exact_of_block(op, format, arguments):
    """The filter's results for a block, computed piece by piece."""
    exact = np.empty(arguments[0].size, np.longdouble if format.width == 64 else np.float64)
    for start in range(0, exact.size, _PIECE):
        piece = slice(start, start + _PIECE)
        exact[piece] = op.wide(*[ulp.wide(bits[piece], format) for bits in arguments])
    return exact


def _add_piece(tallies, op, format, arguments, values, exact, got):
    results = ulp.wide(got, format)
    regions = _plain_regions(op, format, values)
    errors = _plain_errors(exact, results, format) if regions else None
    if errors is not None:
        found = _plain_tally(format, arguments, got, errors)
        for region in regions:
            tallies[region].merge(found, _KEPT)
        return
    errors = ulp.error(results, exact, format)
    _forgive_signs(errors, values, exact, results)
    for region, inside in _split_regions(op, format, values, exact).items():
        _add_some(tallies[region], format, arguments, got, results, exact, errors, inside)


def _add_without_filter(tallies, op, format, arguments, got):
    """Every error by mpmath, which takes a thousand times as long."""
    judged = [
        reference.certify(op, [bits[i] for bits in arguments], got[i], format)
        for i in range(got.size)
    ]
    errors = np.array([error for error, _ in judged])
    exact = np.array([float(value) for _, value in judged])
    values = [ulp.wide(bits, format) for bits in arguments]
    results = ulp.wide(got, format)
    _forgive_signs(errors, values, exact, results)
    for region, inside in _split_regions(op, format, values, exact).items():
        _add_some(tallies[region], format, arguments, got, results, exact, errors, inside)


def _forgive_signs(errors, values, exact, results):
    """At a pole at ±0, which infinity it is depends on the sign of the zero, a matter of special
    values (special.py); mpmath, which has one zero, could not certify it."""
    zero = np.any([value == 0 for value in values], axis=0)
    errors[zero & np.isinf(exact) & np.isinf(results)] = 0


def _plain_regions(op, format, values):
    """The regions that all of these inputs lie in, None where they differ or some are special."""
    for value in values:
        smallest = np.abs(value).min()  # NaN if one is NaN
        if not smallest >= format.smallest_normal:
            return None
    inside = [
        (low <= value.min() and value.max() <= high, value.max() < low or high < value.min())
        for value, (low, high) in zip(values, op.usual)
    ]
    if all(within for within, _ in inside):
        return "normal", "usual"
    return ("normal",) if any(outside for _, outside in inside) else None


def _plain_errors(exact, results, format):
    """ULP errors where all is normal and finite, else None: five passes, where ulp.error has
    twenty and np.frexp."""
    if exact.dtype != np.float64:
        return None
    # Cutting off the fraction leaves the power of two of the binade; Inf and NaN give Inf.
    power = (exact.view(np.int64) & _EXPONENT_BITS).view(np.float64)
    if not (power.min() >= format.smallest_normal and power.max() <= 2.0**format.emax):
        return None
    errors = np.subtract(results, exact)
    np.divide(errors, power, out=errors)
    np.abs(errors, out=errors)
    errors *= 2.0 ** (format.precision - 1)
    # An infinite result counts as the number that would come next, and is no plain case.
    return errors if np.isfinite(errors.sum()) else None


def _plain_tally(format, arguments, got, errors):
    tally = Tally()
    tally.inputs = int(errors.size)
    tally.total = float(errors.sum())
    worst = int(errors.argmax())
    _count_above(tally, format, errors, errors[worst])
    where = [int(bits[worst]) for bits in arguments]
    tally.candidates = [[float(errors[worst]), where, int(got[worst])]]
    tally.profile = _profile(format, arguments[0], errors)
    return tally


def _count_above(tally, format, errors, largest):
    tally.misrounded += int(np.count_nonzero(errors > 0.5 + reference.TRUSTED[format.name]))
    for name, bound in _ABOVE.items():
        if largest <= bound:  # of most blocks: no pass over them
            break
        setattr(tally, name, getattr(tally, name) + int(np.count_nonzero(errors > bound)))


def _split_regions(op, format, values, exact):
    subnormal = _is_subnormal(exact, format)
    usual = np.ones(exact.shape, bool)
    number = np.ones(exact.shape, bool)
    for value, (low, high) in zip(values, op.usual):
        number &= ~np.isnan(value)
        subnormal |= _is_subnormal(value, format)
        usual &= (value >= low) & (value <= high)
    normal = number & ~subnormal
    return {"normal": normal, "usual": usual & normal, "subnormal": number & subnormal}


def _is_subnormal(values, format):
    return (np.abs(values) < format.smallest_normal) & (values != 0)


def _add_some(tally, format, arguments, got, results, exact, errors, inside):
    """Count those that lie ``inside``, with NaN and Inf among them."""
    tally.nan_wrong += int(np.sum(inside & np.isnan(results) & ~np.isnan(exact)))
    tally.number_wrong += int(np.sum(inside & ~np.isnan(results) & np.isnan(exact)))
    due = (errors > 0.5) & _is_subnormal(exact, format)
    tally.flushed += int(np.sum(inside & due & (results == 0)))
    chosen = np.flatnonzero(inside & ~np.isnan(errors))
    if chosen.size:
        errors = errors[chosen]
        tally.inputs += int(errors.size)
        tally.total += float(np.sum(np.minimum(errors, _MEAN_LIMIT)))
        _count_above(tally, format, errors, errors.max())
        arguments = [bits[chosen] for bits in arguments]
        _add_candidates(tally, format, arguments, got[chosen], errors)


def _add_candidates(tally, format, arguments, got, errors):
    # float64's filter may be off by 2**-7 ULP, so its first may not be the worst; the filter of
    # the narrower types is so much finer that the worst is among two of each piece.
    count = min(16 if format.width == 64 else 2, errors.size)
    if not tally.candidates or errors.max() > tally.candidates[-1][0]:
        for i in _largest(errors, count):
            where = [int(bits[i]) for bits in arguments]
            tally.candidates.append([min(float(errors[i]), ulp.MAX), where, int(got[i])])
        tally.candidates = sorted(tally.candidates, reverse=True)[:_KEPT]
    for binade, error in _profile(format, arguments[0], errors).items():
        tally.profile[binade] = max(error, tally.profile.get(binade, 0.0))


def _largest(errors, count):
    """The places of the ``count`` largest, of equal ones the first: which of these argpartition
    takes depends on NumPy's release and on the processor (AVX-512 has another)."""
    least = np.partition(errors, -count)[-count]
    above = np.flatnonzero(errors > least)
    return np.r_[above, np.flatnonzero(errors == least)[: count - above.size]]


def _profile(format, bits, errors):
    """The largest error by binade of ``bits``."""
    binades = bits >> format.uint.type(format.precision - 1)
    if binades.min() == binades.max():
        return {int(binades[0]): min(float(errors.max()), ulp.MAX)}
    order = np.argsort(binades, kind="mergesort")
    binades = binades[order]
    starts = np.flatnonzero(np.r_[True, binades[1:] != binades[:-1]])
    largest = np.maximum.reduceat(errors[order], starts)
    return {int(b): min(float(e), ulp.MAX) for b, e in zip(binades[starts], largest)}
