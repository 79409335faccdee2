"""Special values: what each function owes at zeros, infinities, NaN, poles and the domain's ends.

Sources: C17 (ISO/IEC 9899:2018) Annex F, whose section F.10 says for <math.h> what IEEE 754-2019
section 9.2.1 says for its recommended operations; IEEE 754-2019 for the basic ones; the array API
standard (2022.12) where it alone defines the function; the limit where no standard does.

A case reads ``arguments = result``. ± (and ∓) stands for two cases, one with each sign. A zero
without a sign may have either. ``nan`` is a NaN of any payload. Results with ``pi`` are not
representable: either neighbour passes, because the standards ask for no correct rounding there.
"""

import mpmath
import numpy as np

from ..accuracy import reference
from ..formats import ordinal, ulp

NAN = ("C17 F.10 §11", "nan = nan")
NANS = ("IEEE 754-2019 6.2", "nan 1 = nan; 1 nan = nan; nan inf = nan; nan nan = nan")
ODD = "±0 = ±0; ±inf = ±inf"
LOG = "±0 = -inf; 1 = +0; -1 = nan; -inf = nan; inf = inf"

CASES = {
    "abs": [("C17 F.10.4.2", "±0 = +0; ±inf = inf"), NAN],
    "negative": [("IEEE 754-2019 5.5.1", "±0 = ∓0; ±inf = ∓inf"), NAN],
    "sign": [("array API sign", "±0 = 0; ±inf = ±1; ±2 = ±1"), NAN],
    "floor": [("C17 F.10.6.2", ODD), ("IEEE 754-2019 5.9", "0.5 = +0; -0.5 = -1"), NAN],
    "ceil": [("C17 F.10.6.1", ODD), ("IEEE 754-2019 5.9", "-0.5 = -0; 0.5 = 1"), NAN],
    "round": [
        ("IEEE 754-2019 5.9 (ties to even)", ODD + "; ±0.5 = ±0; ±1.5 = ±2; ±2.5 = ±2"),
        NAN,
    ],
    "square": [("IEEE 754-2019 6.1, 6.3", "±0 = +0; ±inf = inf"), NAN],
    "sqrt": [("C17 F.10.4.5", "±0 = ±0; inf = inf; -1 = nan; -inf = nan"), NAN],
    "rsqrt": [("IEEE 754-2019 9.2.1", "±0 = ±inf; inf = +0; -1 = nan; -inf = nan"), NAN],
    "cbrt": [("C17 F.10.4.1", ODD), NAN],
    "reciprocal": [("IEEE 754-2019 6.1, 6.3, 7.3", "±0 = ±inf; ±inf = ±0"), NAN],
    "exp": [("C17 F.10.3.1", "±0 = 1; -inf = +0; inf = inf"), NAN],
    "exp2": [("C17 F.10.3.2", "±0 = 1; -inf = +0; inf = inf"), NAN],
    "expm1": [("C17 F.10.3.3", "±0 = ±0; -inf = -1; inf = inf"), NAN],
    "log": [("C17 F.10.3.7", LOG), NAN],
    "log2": [("C17 F.10.3.10", LOG), NAN],
    "log10": [("C17 F.10.3.8", LOG), NAN],
    "log1p": [("C17 F.10.3.9", "±0 = ±0; -1 = -inf; -2 = nan; -inf = nan; inf = inf"), NAN],
    "sin": [("C17 F.10.1.6", "±0 = ±0; ±inf = nan"), NAN],
    "cos": [("C17 F.10.1.5", "±0 = 1; ±inf = nan"), NAN],
    "tan": [("C17 F.10.1.7", "±0 = ±0; ±inf = nan"), NAN],
    "asin": [("C17 F.10.1.2", "±0 = ±0; ±2 = nan; ±inf = nan"), NAN],
    "acos": [("C17 F.10.1.1", "1 = +0; ±2 = nan; ±inf = nan"), NAN],
    "atan": [("C17 F.10.1.3", "±0 = ±0; ±inf = ±pi/2"), NAN],
    "sinh": [("C17 F.10.2.5", ODD), NAN],
    "cosh": [("C17 F.10.2.4", "±0 = 1; ±inf = inf"), NAN],
    "tanh": [("C17 F.10.2.6", "±0 = ±0; ±inf = ±1"), NAN],
    "asinh": [("C17 F.10.2.2", ODD), NAN],
    "acosh": [("C17 F.10.2.1", "1 = +0; 0.5 = nan; -1 = nan; -inf = nan; inf = inf"), NAN],
    "atanh": [("C17 F.10.2.3", "±0 = ±0; ±1 = ±inf; ±2 = nan; ±inf = nan"), NAN],
    "sigmoid": [("limit", "-inf = +0; inf = 1; ±0 = 0.5"), NAN],
    "softplus": [("limit", "-inf = +0; inf = inf"), NAN],
    "erf": [("C17 F.10.5.1", "±0 = ±0; ±inf = ±1"), NAN],
    "erfc": [("C17 F.10.5.2", "-inf = 2; inf = +0"), NAN],
    "lgamma": [
        ("C17 F.10.5.3", "1 = +0; 2 = +0; ±0 = inf; -1 = inf; -2 = inf; ±inf = inf"),
        NAN,
    ],
    # At 0 the limit from the side of the sign; at the other poles the limits differ.
    "digamma": [("limit", "±0 = ∓inf; -1 = nan; -2 = nan; inf = inf"), NAN],
    "add": [
        ("IEEE 754-2019 6.1", "±inf 1 = ±inf; 1 ±inf = ±inf; inf inf = inf; -inf -inf = -inf"),
        ("IEEE 754-2019 7.2", "±inf ∓inf = nan"),
        ("IEEE 754-2019 6.3", "+0 +0 = +0; -0 -0 = -0; ±0 ∓0 = +0; ±1 ∓1 = +0"),
        NANS,
    ],
    "subtract": [
        ("IEEE 754-2019 6.1", "±inf 1 = ±inf; 1 ±inf = ∓inf; ±inf ∓inf = ±inf"),
        ("IEEE 754-2019 7.2", "±inf ±inf = nan"),
        ("IEEE 754-2019 6.3", "±0 ±0 = +0; ±0 ∓0 = ±0; ±1 ±1 = +0"),
        NANS,
    ],
    "multiply": [
        ("IEEE 754-2019 6.1", "±inf 2 = ±inf; ±inf -2 = ∓inf; ±inf inf = ±inf"),
        ("IEEE 754-2019 7.2", "±0 inf = nan; inf ±0 = nan; -inf ±0 = nan; ±0 -inf = nan"),
        ("IEEE 754-2019 6.3", "±0 1 = ±0; ±0 -1 = ∓0; ±0 +0 = ±0; ±0 -0 = ∓0; -1 ±0 = ∓0"),
        NANS,
    ],
    "divide": [
        ("IEEE 754-2019 7.2", "±0 +0 = nan; ±0 -0 = nan; ±inf inf = nan; ±inf -inf = nan"),
        ("IEEE 754-2019 7.3", "±1 +0 = ±inf; ±1 -0 = ∓inf"),
        ("IEEE 754-2019 6.1, 6.3", "±1 inf = ±0; ±1 -inf = ∓0; ±inf 2 = ±inf; ±inf -0 = ∓inf"),
        ("IEEE 754-2019 6.3", "±0 2 = ±0; ±0 -2 = ∓0; ±0 inf = ±0"),
        NANS,
    ],
    "pow": [
        ("C17 F.10.4.4 zero", "±0 -1 = ±inf; ±0 -3 = ±inf; ±0 -2 = inf; ±0 -0.5 = inf"),
        ("C17 F.10.4.4 zero", "±0 -inf = inf; ±0 3 = ±0; ±0 2 = +0; ±0 0.5 = +0; ±0 inf = +0"),
        ("C17 F.10.4.4 one", "-1 ±inf = 1; 1 ±inf = 1; 1 nan = 1; 1 -2 = 1"),
        ("C17 F.10.4.4 exponent zero", "nan ±0 = 1; inf ±0 = 1; -inf ±0 = 1; +0 ±0 = 1; -2 ±0 = 1"),
        ("C17 F.10.4.4 domain", "-2 ±0.5 = nan"),
        ("C17 F.10.4.4 exponent infinite", "±0.5 -inf = inf; ±2 -inf = +0"),
        ("C17 F.10.4.4 exponent infinite", "±0.5 inf = +0; ±2 inf = inf"),
        ("C17 F.10.4.4 -inf", "-inf -3 = -0; -inf -2 = +0; -inf -0.5 = +0; -inf -inf = +0"),
        ("C17 F.10.4.4 -inf", "-inf 3 = -inf; -inf 2 = inf; -inf 0.5 = inf; -inf inf = inf"),
        ("C17 F.10.4.4 +inf", "inf -2 = +0; inf 2 = inf; inf -inf = +0; inf inf = inf"),
        ("IEEE 754-2019 6.2", "nan 1 = nan; 2 nan = nan; nan inf = nan; nan nan = nan"),
    ],
    "atan2": [
        ("C17 F.10.1.4 zero", "±0 -0 = ±pi; ±0 +0 = ±0; ±0 -1 = ±pi; ±0 1 = ±0"),
        ("C17 F.10.1.4 zero", "±1 +0 = ±pi/2; ±1 -0 = ±pi/2"),
        ("C17 F.10.1.4 infinity", "±1 -inf = ±pi; ±1 inf = ±0; ±inf 1 = ±pi/2; ±inf -1 = ±pi/2"),
        ("C17 F.10.1.4 infinity", "±inf -inf = ±3pi/4; ±inf inf = ±pi/4"),
        NANS,
    ],
    "hypot": [
        ("C17 F.10.4.3", "±inf 1 = inf; 1 ±inf = inf; ±inf nan = inf; nan ±inf = inf"),
        ("C17 F.10.4.3", "±3 +0 = 3; ±3 -0 = 3; ±0 ±0 = +0; ±0 3 = 3"),
        ("IEEE 754-2019 6.2", "nan 1 = nan; 1 nan = nan; nan nan = nan"),
    ],
    "maximum": [
        ("array API maximum", "nan 1 = nan; 1 nan = nan; nan inf = nan; inf nan = nan"),
        ("array API maximum", "nan -inf = nan; -inf nan = nan; nan nan = nan; ±0 ∓0 = 0"),
        ("IEEE 754-2019 6.1", "inf 1 = inf; -inf 1 = 1; inf -inf = inf; ±0 ±0 = ±0"),
    ],
    "minimum": [
        ("array API minimum", "nan 1 = nan; 1 nan = nan; nan inf = nan; inf nan = nan"),
        ("array API minimum", "nan -inf = nan; -inf nan = nan; nan nan = nan; ±0 ∓0 = 0"),
        ("IEEE 754-2019 6.1", "inf 1 = 1; -inf 1 = -inf; inf -inf = -inf; ±0 ±0 = ±0"),
    ],
    # Python's: the result has the sign of the divisor.
    "remainder": [
        ("array API remainder", "±inf 1 = nan; ±inf inf = nan; ±1 +0 = nan; ±1 -0 = nan"),
        ("array API remainder", "±0 +0 = nan; ±0 -0 = nan; ±0 1 = +0; ±0 -1 = -0"),
        ("array API remainder", "1 inf = 1; 1 -inf = -inf; -1 inf = inf; -1 -inf = -1"),
        NANS,
    ],
    "squared_difference": [
        ("IEEE 754-2019 6.1, 7.2", "±inf 1 = inf; 1 ±inf = inf; ±inf ±inf = nan; ±inf ∓inf = inf"),
        ("IEEE 754-2019 6.3", "±0 ±0 = +0; ±0 ∓0 = +0; ±1 ±1 = +0"),
        NANS,
    ],
}

_SIGNS = (str.maketrans("±∓", "+-"), str.maketrans("±∓", "-+"))
# How often the cases stand in the array. Copies of an odd number of cases bring every case to
# every place of a vector of up to 16.
_COPIES = 17


def cases(name):
    """The cases of an op as (arguments, result, clause), arguments and result being words."""
    found = []
    for clause, text in CASES[name]:
        for case in text.split(";"):
            signed = [case.translate(signs) for signs in _SIGNS]
            for one in signed if signed[0] != signed[1] else signed[:1]:
                given, _, due = one.partition("=")
                found.append((tuple(given.split()), due.strip(), clause))
    return found


def failures(module, op, dtype):
    """The failing cases: what was given, what came (alone or within an array), what is due."""
    format = ulp.FORMATS[dtype]
    table = cases(op.name)
    arguments = [
        ulp.encode([float(given[place]) for given, _, _ in table], format)
        for place in range(op.arity)
    ]
    alone = [
        module.evaluate(op, dtype, [bits[index : index + 1] for bits in arguments])
        for index in range(len(table))
    ]
    odd = len(table) | 1
    rows = module.evaluate(
        op, dtype, [np.tile(np.resize(bits, odd), _COPIES) for bits in arguments]
    )
    rows = np.ravel(rows).reshape(_COPIES, odd)
    failing = []
    for index, (given, due, clause) in enumerate(table):
        for where, results in (("alone", alone[index]), ("in an array", rows[:, index])):
            wrong = [bits for bits in np.ravel(results) if not passes(bits, due, format)]
            if wrong:
                got = ulp.readable(wrong[0], format)
                failing.append(
                    {"given": list(given), "got": got, "due": due, "clause": clause, "where": where}
                )
                break
    return failing


def passes(got, due, format):
    """Whether the bit pattern ``got`` is what the word ``due`` asks for."""
    if due == "nan":
        return bool(ordinal.is_nan(got, format))
    if due == "0":
        return ulp.to_mp(got, format) == 0
    if "pi" in due:
        with mpmath.workprec(reference.PRECISION):
            value = ulp.from_mp(_multiple_of_pi(due), format)
        return int(ordinal.distance(got, value, format)) <= 1
    return int(got) == int(ulp.encode(float(due), format))


def _multiple_of_pi(word):
    """Like -3pi/4."""
    factor, _, divisor = word.partition("pi")
    factor = {"": 1, "+": 1, "-": -1}.get(factor) or int(factor)
    return factor * mpmath.pi / int(divisor[1:] or 1)
