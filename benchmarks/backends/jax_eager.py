"""JAX, one function at a time: each call runs what JAX has compiled of that function alone."""

from . import jax
from .jax import (  # noqa: F401
    COMPILES_SHAPES,
    DTYPES,
    HAS_STRIDES,
    conversion_call,
    devices,
    start,
    threads,
)


def check(op, dtype):
    jax.try_out(jax.find(op), op, dtype)


def timed_call(op, dtype, arguments):
    return jax.timed_call(op, dtype, arguments, jax.find(op))


def evaluate(op, dtype, arguments):
    return jax.evaluate(op, dtype, arguments, jax.find(op))
