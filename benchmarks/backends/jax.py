"""JAX, compiled: a function that ``jax.jit`` has made of one of NumPy's names."""

import importlib.util
import os

from ..process import release_under_test
from . import Unavailable, _names, refused

_COUNTING = "ULPWATCH_COUNTING" in os.environ
# To compile a function takes 12 s under valgrind. So what is counted was compiled before, by a
# process that valgrind has nothing to do with, for the processor that valgrind shows.
_CAN_COUNT = release_under_test.VERSION >= (0, 4, 31)
if release_under_test.LIBRARY == "jax":
    if _COUNTING and _CAN_COUNT:
        os.environ["XLA_FLAGS"] = "--xla_cpu_max_isa=AVX2"
    import jax
    import jax.numpy as jnp
    import jax.scipy.special
    import numpy as np

    jax.config.update("jax_enable_x64", True)  # else float64 is float32 without a word
    if _COUNTING:
        jax.config.update("jax_compilation_cache_dir", os.path.abspath("compiled"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

DTYPES = ("float16", "bfloat16", "float32", "float64")
HAS_STRIDES = False
COMPILES_SHAPES = True

_compiled = {}
_platform = "cpu"


def devices():
    # Asking JAX itself would start its threads.
    plugins = ("jax_cuda12_plugin", "jax_cuda13_plugin")
    gpu = os.path.exists("/proc/driver/nvidia/version") and any(
        importlib.util.find_spec(name) for name in plugins
    )
    return ["cpu", "cpu-1"] + ["gpu"] * gpu


def start(device):
    global _platform
    if _COUNTING and not _CAN_COUNT:
        said = "JAX has no switch of the instruction set before 0.4.31: valgrind has no AVX-512"
        raise Unavailable(said)
    _platform = "gpu" if device == "gpu" else "cpu"
    if device != "gpu":
        jax.config.update("jax_platforms", "cpu")
    if device == "cpu-1":
        os.environ["NPROC"] = "1"  # the only setting that XLA's pool heeds in all releases


def threads():
    return {"nproc": int(os.environ.get("NPROC", 0))}  # 0 stands for as many as there are cores


def check(op, dtype):
    try_out(compiled(op), op, dtype)


def try_out(function, op, dtype):
    """Raises Unavailable where ``function`` refuses ones of this dtype."""
    try:
        function(*[jnp.ones((1,) * op.dimensions, dtype)] * op.arity)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise refused(op, dtype, error)


def timed_call(op, dtype, arguments, how=None):
    function = how or compiled(op)
    arrays = [to_device(dtype, bits) for bits in arguments]
    function(*arrays)  # compiles for these shapes
    return (lambda *given: function(*given).block_until_ready()), arrays


def evaluate(op, dtype, arguments, how=None):
    result = (how or compiled(op))(*[to_device(dtype, bits) for bits in arguments])
    return _names.bits(np.asarray(result), op, dtype)


def compile_call(op, dtype, arguments):
    arrays = [to_device(dtype, bits) for bits in arguments]

    def compile_anew():
        _compiled.pop(op.name, None)
        return compiled(op)(*arrays).block_until_ready()

    return compile_anew


def conversion_call(way, dtype, bits):
    if way == "from_numpy":
        return (lambda given: jnp.asarray(given).block_until_ready()), [bits.view(jnp.dtype(dtype))]
    return np.asarray, [to_device(dtype, bits)]


def find(op):
    return _names.find(op, {"jnp": jnp, "jax": jax})


def compiled(op):
    if op.name not in _compiled:
        function = find(op)
        _compiled[op.name] = jax.jit(lambda *given: function(*given))
    return _compiled[op.name]


def to_device(dtype, bits):
    return jax.device_put(bits.view(jnp.dtype(dtype)), jax.devices(_platform)[0])
