"""One backend's function over inputs, block by block, to one Record per region.

A Record is a dict of plain values that goes to JSON:

``backend``, ``device``, ``op``, ``dtype``, ``region``
    what was measured.
``kind``
    ``exact`` where all inputs of the region were, ``sample`` where ``max_ulp`` is a lower bound.
``inputs``
    how many inputs were in the region and have a number as exact result.
``max_ulp``, ``worst``
    the largest error, certified by mpmath, and the input that gave it with its result and the
    exact answer, each as bit pattern, hex float and decimal. None where there is no finite one.
``mean_ulp``, ``misrounded``
    the mean error, no single one counted as more than 2**64; how many results are not the
    correctly rounded one, for certain (by more than the filter's own error).
``nan_wrong``, ``number_wrong``
    how many results are NaN where a number is due, and the reverse.
``filter_ulp``
    the largest error of the filter on a sample, in ULP of the dtype.

Regions: ``normal``, ``usual`` (its part in the op's usual interval), ``subnormal`` (an input or the
exact result is subnormal: TensorFlow flushes those to zero).
"""

import mpmath
import numpy as np

from . import inputs, reference, ulp

REGIONS = ("normal", "usual", "subnormal")
_CANDIDATES = 16
# So that the mean stays finite: a result with no correct bit at all is off by 2**53 at the most,
# but Inf where a small number is due counts up to 2**2098.
_MEAN_LIMIT = 2.0**64
_CHECKED = 128


def quick(module, backend, device, op, dtype):
    """Records by region of the backend ``module``'s ``op`` over the quick profile's inputs."""
    format = ulp.FORMATS[dtype]
    kind = "exact" if inputs.is_exhaustive(op, format) else "sample"
    tallies = {region: _Tally() for region in REGIONS}
    sample = []
    # float16 warns of overflow in a cast, TensorFlow's bfloat16 of nothing at all.
    with np.errstate(all="ignore"):
        for arguments in inputs.quick(op, format):
            exact = op.wide(*[ulp.wide(bits, format) for bits in arguments])
            got = module.evaluate(op, dtype, arguments)
            sample.append(_some(arguments, exact, len(sample)))
            _tally_block(tallies, op, format, arguments, got, exact)
        filter_ulp = _check_filter(op, format, sample)
    what = {"backend": backend, "device": device, "op": op.name, "dtype": dtype, "kind": kind}
    return {
        region: dict(tally.record(op, format, filter_ulp), region=region, **what)
        for region, tally in tallies.items()
    }


def _tally_block(tallies, op, format, arguments, got, exact):
    values = [ulp.wide(bits, format) for bits in arguments]
    results = ulp.wide(got, format)
    errors = ulp.error(results, exact, format)
    subnormal = _is_subnormal(exact, format)
    usual = np.ones(exact.shape, bool)
    number = np.ones(exact.shape, bool)  # what comes of NaN is a matter of special values
    for value, (low, high) in zip(values, op.usual):
        number &= ~np.isnan(value)
        subnormal |= _is_subnormal(value, format)
        usual &= (value >= low) & (value <= high)
    normal = number & ~subnormal
    regions = {"normal": normal, "usual": usual & normal, "subnormal": number & subnormal}
    for region, inside in regions.items():
        tallies[region].add(arguments, got, results, exact, errors, inside)


def _is_subnormal(values, format):
    return (np.abs(values) < format.smallest_normal) & (values != 0)


def _some(arguments, exact, index):
    """A few inputs of a block, at random places, to check the filter on."""
    at = inputs.random_bits(9, index * 4, 4) % np.uint64(exact.size)
    at = at.astype(np.intp)
    return [bits[at] for bits in arguments], exact[at]


def _check_filter(op, format, sample):
    arguments = [np.concatenate(bits) for bits in zip(*[some[0] for some in sample])]
    exact = np.concatenate([some[1] for some in sample])
    return reference.check_filter(
        op, [bits[:_CHECKED] for bits in arguments], exact[:_CHECKED], format
    )


class _Tally(object):
    """What is known of one region so far."""

    def __init__(self):
        self.inputs = self.misrounded = self.nan_wrong = self.number_wrong = 0
        self.total = 0.0
        self.candidates = []  # (filter's error, argument bits, result bits)

    def add(self, arguments, got, results, exact, errors, inside):
        self.nan_wrong += int(np.sum(inside & np.isnan(results) & ~np.isnan(exact)))
        self.number_wrong += int(np.sum(inside & ~np.isnan(results) & np.isnan(exact)))
        counted = np.where(inside & ~np.isnan(errors), errors, -1)
        valid = counted >= 0
        self.inputs += int(np.sum(valid))
        self.total += float(np.sum(np.where(valid, np.minimum(counted, _MEAN_LIMIT), 0)))
        self.misrounded += int(np.sum(counted > 0.5 + 2.0**-7))
        top = np.argpartition(counted, -_CANDIDATES)[-_CANDIDATES:]
        self.candidates += [
            (float(counted[i]), tuple(int(bits[i]) for bits in arguments), int(got[i]))
            for i in top
            if valid[i]
        ]
        self.candidates = sorted(self.candidates, reverse=True)[:_CANDIDATES]

    def record(self, op, format, filter_ulp):
        certified = [
            (*reference.certify(op, arguments, got, format), arguments, got)
            for _, arguments, got in self.candidates
        ]
        worst = max(certified, key=lambda entry: entry[0]) if certified else None
        return {
            "inputs": self.inputs,
            "max_ulp": worst and worst[0],
            "worst": worst and _witness(worst[2], worst[3], worst[1], format),
            "mean_ulp": self.total / self.inputs if self.inputs else None,
            "misrounded": self.misrounded,
            "nan_wrong": self.nan_wrong,
            "number_wrong": self.number_wrong,
            "filter_ulp": filter_ulp,
        }


def _witness(arguments, got, exact, format):
    with mpmath.workprec(reference.PRECISION):
        return {
            "input": [_readable(bits, format) for bits in arguments],
            "got": _readable(got, format),
            "exact": mpmath.nstr(exact, 25),
            "correctly_rounded": _readable(ulp.from_mp(exact, format), format),
        }


def _readable(bits, format):
    value = float(ulp.to_mp(bits, format))
    return {
        "bits": "0x%0*x" % (format.width // 4, bits),
        "hex": value.hex(),
        "decimal": repr(value),
    }
