"""From tallies to Records: one backend's function over inputs, with its worst error certified.

A Record is a dict of plain values that goes to JSON, one per region (error_stats.py):

``backend``, ``device``, ``op``, ``dtype``, ``region``
    what was measured.
``kind``
    ``exact`` where all inputs of the dtype were, ``sample`` or ``search`` where not: there
    ``max_ulp`` is a lower bound.
``max_ulp``, ``worst``
    the largest error, certified by mpmath, and the input that gave it with its result and the
    exact answer (``exact`` to 25 digits, ``exact_hex`` to 101 bits), the others as bit pattern, hex
    float and decimal. None where no input is in the region.
``mean_ulp``, ``misrounded``
    the mean error, no single one counted as more than 2**64; the share of results that are not
    the correctly rounded one, for certain (by more than the filter's own error). None for a
    ``search``, which goes where the errors are large.
``within``
    the distribution of the errors: the share of results that are off by at most 0.5 (those that are
    not misrounded), 1, 2 and 4 ULP; what is left of 1 is off by more. None for a ``search``, and
    where no input is in the region.
``inputs``, ``nan_wrong``, ``number_wrong``, ``flushed``
    counts: see Tally. What over- or underflows is among the inputs, mostly with no error.
``profile``
    the largest error by binade of the first argument, as rows of the sign and exponent bits and
    the error (as the filter has it). Of ``exact`` Records of the region ``normal``, else None.
``nonmonotonic``
    of ``exact`` Records, for all regions together: how many pairs of neighbouring inputs have
    results in the wrong order, where the op is monotone (pairs across the 4096 seams between blocks
    of float32 are not looked at); None for other ops.
``results``
    a hash of all results' bits, for all regions together; not of a ``search``, whose inputs depend
    on what is known.
``filter_ulp``
    the largest error of the filter on a random sample, in ULP of the dtype; None where this
    platform has no wider float, and mpmath alone has judged (on fewer inputs).
"""

import hashlib

import mpmath
import numpy as np

from ..formats import ulp
from ..inputs import input_sets
from ..process import exchange
from . import error_stats, fingerprint, reference

# How many of the inputs with the largest errors are certified, and on how many the filter is.
_CERTIFIED = 64
_CHECKED = 128


def quick(module, backend, device, op, dtype):
    """Records by region of the backend ``module``'s ``op`` over the quick profile's inputs."""
    format = ulp.FORMATS[dtype]
    # Overflow and invalid operations are what is looked for.
    with np.errstate(all="ignore"):
        got = [module.evaluate(op, dtype, arguments) for arguments in input_sets.quick(op, format)]
        results = hash_of_all(map(fingerprint.of_bits, got))
        name = "%s-%s-%s" % (op.name, dtype, results)
        judged = exchange.keep(name, lambda: _judge(op, format, got))
    what = {"backend": backend, "device": device, "op": op.name, "dtype": dtype, "results": results}
    return {region: dict(one, **what) for region, one in judged.items()}


def _judge(op, format, got):
    """What Records say of the results ``got``, by region: a function of their bits alone."""
    tallies = {region: error_stats.Tally() for region in error_stats.REGIONS}
    for arguments, bits in zip(input_sets.quick(op, format), got):
        for region, found in error_stats.of_block(op, format, arguments, bits).items():
            tallies[region].merge(found)
    what = {"kind": "exact" if input_sets.is_exhaustive(op, format) else "sample"}
    what["filter_ulp"] = check_filter(op, format, input_sets.quick(op, format))
    return {
        region: record(op, format, tallies[region], region, what) for region in error_stats.REGIONS
    }


def hash_of_all(fingerprints):
    """The hash of all results' bits, from the fingerprints of the blocks in their order."""
    return hashlib.sha1("".join(fingerprints).encode()).hexdigest()  # noqa: S324


def check_filter(op, format, blocks):
    """The filter's largest error on a random sample of ``blocks``. Raises FilterError."""
    if not reference.has_filter(format):
        return None
    blocks = list(blocks)
    each = max(1, _CHECKED // len(blocks))
    samples = []
    for index, arguments in enumerate(blocks):
        at = input_sets.random_bits(9, index * each, each) % np.uint64(arguments[0].size)
        samples.append([bits[at.astype(np.intp)] for bits in arguments])
    arguments = [np.concatenate(bits) for bits in zip(*samples)]
    exact = op.wide(*[ulp.wide(bits, format) for bits in arguments])
    return reference.check_filter(op, arguments, exact, format)


def record(op, format, found, region, what):
    """The Record of one region's Tally ``found``, with the facts ``what``, a kind among them."""
    certified = []
    for claimed, arguments, got in found.candidates[:_CERTIFIED]:
        error, exact = reference.certify(op, arguments, got, format)
        # The filter has a number there, and of that size: one that it is wrong about hides others.
        negative = ulp.to_mp(arguments[0], format) < 0
        larger = claimed > 2 * error + 1 and not (op.trusted_above and negative)
        if error != error or larger:
            said = (op.name, arguments, claimed, error, mpmath.nstr(exact, 5))
            raise reference.FilterError(
                "%s of %s: off by %g to the filter, %g to mpmath, %s" % said
            )
        certified.append((error, exact, arguments, got))
    worst = max(certified, key=lambda entry: entry[0]) if certified else None
    profile = None
    if what["kind"] == "exact" and region == "normal":
        profile = [[binade, float("%.4g" % e)] for binade, e in sorted(found.profile.items())]
    return dict(
        what,
        region=region,
        inputs=found.inputs,
        max_ulp=worst and worst[0],
        worst=worst and witness(worst[2], worst[3], worst[1], format),
        mean_ulp=found.total / found.inputs if found.inputs else None,
        misrounded=found.misrounded / float(found.inputs) if found.inputs else None,
        within=_within(found),
        nan_wrong=found.nan_wrong,
        number_wrong=found.number_wrong,
        flushed=found.flushed,
        profile=profile,
    )


def _within(found):
    above = [("0.5", found.misrounded), ("1", found.above_1), ("2", found.above_2),
             ("4", found.above_4)]  # fmt: skip
    return {k: 1 - count / float(found.inputs) for k, count in above} if found.inputs else None


def witness(arguments, got, exact, format):
    """An input with its result and the exact answer, as people and as programs read them."""
    with mpmath.workprec(reference.PRECISION):
        return {
            "input": [ulp.readable(bits, format) for bits in arguments],
            "got": ulp.readable(got, format),
            "exact": mpmath.nstr(exact, 25),
            "exact_hex": hex_of(exact),
            "correctly_rounded": ulp.readable(ulp.from_mp(exact, format), format),
        }


def hex_of(exact):
    """mpmath's number as a hex float like float.hex's, to 101 bits."""
    with mpmath.workprec(101):
        sign, man, exponent, length = (+exact)._mpf_
    if not man:
        return mpmath.nstr(exact)
    digits = -(-(length - 1) // 4)
    fraction = (int(man) - (1 << (length - 1))) << (4 * digits - (length - 1))
    point = ".%0*x" % (digits, fraction) if digits else ""
    return "%s0x1%sp%+d" % ("-" if sign else "", point, exponent + length - 1)
