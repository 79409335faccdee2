"""What libraries call the functions that the array API standard, and so ops.py, calls otherwise.

A name with a dot says where it is; the others follow the prefix of their backend (libraries.py).
"""

import numpy as np

from .. import libraries
from ..process import release_under_test

# NumPy's before 2.0, which later ones have, too.
NUMPY_NAMES = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "pow": "power",
    "round": "rint",
}
# TensorFlow's from its beginning, eager or not.
TENSORFLOW_NAMES = {
    "logsumexp": "reduce_logsumexp",
    "max": "reduce_max",
    "mean": "reduce_mean",
    "min": "reduce_min",
    "prod": "reduce_prod",
    "remainder": "floormod",
    "std": "reduce_std",
    "sum": "reduce_sum",
    "var": "reduce_variance",
}
_NUMBA_NAMES = {
    **NUMPY_NAMES,
    "erf": "math.erf",
    "erfc": "math.erfc",
    "lgamma": "math.lgamma",
    "matmul": "np.dot",
}
_JAX_NAMES = {
    **NUMPY_NAMES,
    "digamma": "jax.scipy.special.digamma",
    "erf": "jax.scipy.special.erf",
    "erfc": "jax.scipy.special.erfc",
    "lgamma": "jax.scipy.special.gammaln",
    "logsumexp": "jax.scipy.special.logsumexp",
    "rsqrt": "jax.lax.rsqrt",
    "sigmoid": "jax.nn.sigmoid",
    "softmax": "jax.nn.softmax",
    "softplus": "jax.nn.softplus",
}
_PYTENSOR_NAMES = {
    **NUMPY_NAMES,
    "digamma": "psi",
    "divide": "true_div",
    "lgamma": "gammaln",
    "matmul": "dot",
    "multiply": "mul",
    "negative": "neg",
    "pow": "pow",
    "remainder": "mod",
    "round": "round",
    "sign": "sgn",
    "softmax": "T.special.softmax",
    "square": "sqr",
    "subtract": "sub",
}
_THEANO_NAMES = {
    **_PYTENSOR_NAMES,
    "abs": "abs_",
    "reciprocal": "inv",
    "round": "round_half_to_even",
    "sigmoid": "T.nnet.sigmoid",
    "softmax": "T.nnet.softmax",
    "softplus": "T.nnet.softplus",
}
_AESARA_NAMES = {**_THEANO_NAMES, "sigmoid": "sigmoid", "softplus": "softplus"}
_TORCH_NAMES = {"softplus": "torch.nn.functional.softplus"}
_CUPY_NAMES = {
    **NUMPY_NAMES,
    "digamma": "cupyx.scipy.special.digamma",
    "erf": "cupyx.scipy.special.erf",
    "erfc": "cupyx.scipy.special.erfc",
    "lgamma": "cupyx.scipy.special.gammaln",
    "logsumexp": "cupyx.scipy.special.logsumexp",
    "sigmoid": "cupyx.scipy.special.expit",
    "softmax": "cupyx.scipy.special.softmax",
}
BY_LIBRARY = {
    "numpy": NUMPY_NAMES,
    "tensorflow": TENSORFLOW_NAMES,
    "numba": _NUMBA_NAMES,
    "theano": _THEANO_NAMES,
    "aesara": _AESARA_NAMES,
    "pytensor": _PYTENSOR_NAMES,
    "jax": _JAX_NAMES,
    "torch": _TORCH_NAMES,
    "cupy": _CUPY_NAMES,
}


def dotted(library, op):
    """Where ``library`` has the op of that name, as its users write it: ``np.arccos``."""
    name = BY_LIBRARY.get(library, {}).get(op, op)
    return name if "." in name else libraries.BY_NAME[library].backends[0].prefix + name


def find(op, roots):
    """The function for ``op`` (a row of ops.py) of the release under test, whose modules are
    ``roots`` by the names that its users give them. Raises Unavailable where it has none."""
    from . import Unavailable

    first, *rest = dotted(release_under_test.LIBRARY, op.name).split(".")
    found = roots[first]
    for part in rest:
        found = getattr(found, part, None)
        if found is None:
            said = "this %s has no %s"
            raise Unavailable(said % (libraries.BY_NAME[release_under_test.LIBRARY].title, op.name))
    return found


def bits(result, op, dtype):
    """The bit patterns of an array of ``dtype``. Raises TypeError where it is of another."""
    result = np.atleast_1d(result)
    if result.dtype != dtype:
        raise TypeError("%s of %s gave %s" % (op.name, dtype, result.dtype))
    return result.view("u%d" % result.dtype.itemsize)
