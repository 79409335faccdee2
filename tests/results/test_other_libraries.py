"""What the committed results say of Numba, Theano, Aesara, PyTensor and JAX: against the C library
of this machine, and against one another."""

import ctypes
import itertools
import json
import math
import platform
from pathlib import Path

import pytest

from tools.results import history

MACHINE = Path(__file__).parents[2] / "results" / "vm"
GLIBC = "glibc 2.36"
"""The C library of the machine that measured them."""
OF_LIBM = ("exp", "log", "sin", "cos", "tan", "tanh", "expm1", "log1p", "asin", "acos", "atan")
NEWEST = ("numba-0.68.1", "theano-1.0.5", "aesara-2.9.4")


@pytest.fixture(scope="module")
def records():
    """Those of samples by release, backend, op, dtype, region and device."""
    keys = ("release", "backend", "op", "dtype", "region", "device")
    return {
        tuple(one[key] for key in keys): one
        for one in history.records(MACHINE.parent, [])
        if one["machine"] == MACHINE.name and one["kind"] == "sample"
    }


def of_libm(op, dtype, number):
    """What the C library gives."""
    kind = {"float32": ctypes.c_float, "float64": ctypes.c_double}[dtype]
    function = getattr(ctypes.CDLL("libm.so.6"), op + ("f" if dtype == "float32" else ""))
    function.argtypes, function.restype = [kind], kind
    return function(number)


@pytest.mark.skipif(" ".join(platform.libc_ver()) != GLIBC, reason=f"the C library is not {GLIBC}")
@pytest.mark.parametrize("release", NEWEST)
def test_numba_and_theano_give_what_the_c_library_gives(records, release):
    backend = release.partition("-")[0]
    for op, dtype in itertools.product(OF_LIBM, ("float32", "float64")):
        record = records[release, backend, op, dtype, "normal", "cpu-v3"]
        worst = record["worst"]
        (number,) = (float.fromhex(one["hex"]) for one in worst["input"])
        assert of_libm(op, dtype, number) == float.fromhex(worst["got"]["hex"]), (op, dtype)


def test_libraries_that_call_the_c_library_give_the_same_bits(records):
    for op, dtype in itertools.product(OF_LIBM, ("float32", "float64")):
        found = [
            records[release, release.partition("-")[0], op, dtype, "normal", "cpu-v3"]
            for release in NEWEST
        ]
        worst = {(one["max_ulp"], one["misrounded"], one["worst"]["got"]["hex"]) for one in found}
        assert len(worst) == 1, (op, dtype)
        # The logarithm of a negative float64 is NaN in all, of one sign in Numba, of the other in
        # Theano.
        assert len({one["results"] for one in found}) == 1 + ((op, dtype) == ("log", "float64"))


def test_jax_computes_for_itself(records):
    """Eigen's and XLA's exp and tanh are not glibc's: 0.502 and 2.06 ULP in float32."""
    jax, numba = (
        {
            op: records[release, backend, op, "float32", "normal", "cpu-v3"]
            for op in ("exp", "tanh", "log")
        }
        for release, backend in (("jax-0.12.0.1", "jax"), ("numba-0.68.1", "numba"))
    )
    assert all(jax[op]["results"] != numba[op]["results"] for op in jax)
    assert jax["tanh"]["max_ulp"] > 4
    assert math.isclose(numba["tanh"]["max_ulp"], 2.06, abs_tol=0.01)


def test_jax_flushes_subnormal_numbers_and_numba_does_not(records):
    def flushed(release, backend):
        one = records[release, backend, "multiply", "float32", "subnormal", "cpu-v3"]
        return one["flushed"]

    assert flushed("jax-0.12.0.1", "jax") > 0
    assert flushed("numba-0.68.1", "numba") == 0


def test_numbas_fastmath_takes_the_processors_estimate_for_a_root(records):
    """LLVM makes an estimate and one step of Newton's of a float32 root, but with AVX-512."""
    at = {
        level: records["numba-0.68.1", "numba-fastmath", "sqrt", "float32", "normal", level]
        for level in ("cpu-v2", "cpu-v3", "cpu-v4")
    }
    assert at["cpu-v4"]["max_ulp"] <= 0.5 < 2 < at["cpu-v3"]["max_ulp"] < at["cpu-v2"]["max_ulp"]


def test_the_seed_example_of_each_is_right():
    for file in sorted(MACHINE.glob("records/*.jsonl")):
        library = file.stem.partition("-")[0]
        if library not in ("numba", "theano", "aesara", "pytensor", "jax"):
            continue
        seeds = [
            record
            for record in map(json.loads, file.read_text().splitlines())
            if record["kind"] == "seed" and record["backend"] == library
        ]
        assert seeds, file.stem
        assert not any(record["wrong"] for record in seeds), file.stem
