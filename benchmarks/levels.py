"""Instruction sets as devices: the levels of the x86-64 psABI, and the switches that set them.

``cpu`` is a processor's own best; ``cpu-v2`` (SSE4.2), ``cpu-v3`` (AVX2, FMA) and ``cpu-v4``
(AVX-512) are what the same release computes on one that has no more. A library reads its switch
when it is loaded, so whoever starts its process sets the variables: see :func:`variables`.
"""

import importlib
import os
from typing import Dict, NamedTuple, Optional, Tuple

from . import libraries
from .process import release_under_test

LEVELS = ("v2", "v3", "v4")
OF_DEVICE = {"cpu-" + level: level for level in LEVELS}
"""The level of a device; the others have none."""
ACCURACY = ["cpu", *OF_DEVICE, "gpu"]
"""The devices that results may depend on."""
DEVICES = [*ACCURACY, "cpu-1"]
IN_FORCE = "ULPWATCH_LEVEL"
"""The variable that says what device a process was started for."""

# Flags as Linux names them: what each level adds (System V ABI, AMD64 supplement, table 3.1).
_ADDS = {
    "v2": {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"},
    "v3": {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"},
    "v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}


class Switch(NamedTuple):
    """How a backend is held to a level, from version ``since`` on.

    ``variables``
        by level, what is set before it is loaded. A level that is not there cannot be had,
    ``because``
        for this reason.
    """

    backend: str
    since: Tuple[int, ...]
    variables: Dict[str, Dict[str, str]]
    because: str = ""


# glibc's libm has variants with FMA and AVX2 of exp, log, pow, sin, … that the linker chooses; the
# first names are of glibc 2.26 to 2.32.
_NO_FMA = "glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX2,-FMA,-FMA4,-AVX512F"
_BEYOND_V4 = "AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
_AVX512 = "AVX512F AVX512CD AVX512_SKX " + _BEYOND_V4


def _numpy(v4, v3, v2):
    """By what is to be switched off for each level. An unknown OPENBLAS_CORETYPE would be taken
    for Prescott without a word."""
    return {
        "v4": {"NPY_DISABLE_CPU_FEATURES": v4, "OPENBLAS_CORETYPE": "SkylakeX"},
        "v3": {"NPY_DISABLE_CPU_FEATURES": v3, "OPENBLAS_CORETYPE": "Haswell"},
        "v2": {"NPY_DISABLE_CPU_FEATURES": v2, "OPENBLAS_CORETYPE": "Nehalem",
               "GLIBC_TUNABLES": _NO_FMA},
    }  # fmt: skip


def _xla(isa):
    return {"XLA_FLAGS": "--xla_cpu_max_isa=" + isa}


def _numba(processor):
    """Its functions of libm's are glibc's, which chooses for itself."""
    return {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": ""}


def _march(library, level):
    dot = "." if library == "theano" else "__"
    return {library.upper() + "_FLAGS": "gcc%scxxflags=-march=%s" % (dot, level)}


_AVX_WHEELS = "TensorFlow's wheels need AVX from 1.6 on"
SWITCHES = (
    Switch("numpy", (2, 4), _numpy(
        "AVX512_ICL AVX512_SPR",
        "X86_V4 AVX512_ICL AVX512_SPR",
        "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    )),
    Switch("numpy", (1, 20), _numpy(_BEYOND_V4, _AVX512, "AVX F16C FMA3 AVX2 " + _AVX512)),
    Switch("numpy", (0,), {}, "NumPy has a switch of the instruction set from 1.20 on"),
    # Eigen's kernels were chosen when they were compiled, for AVX: the same on every processor.
    # oneDNN chooses when it is loaded.
    Switch("tensorflow", (1, 6), {
        "v4": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "DNNL_MAX_CPU_ISA": "AVX512_CORE"},
        "v3": {"ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2"},
    }, _AVX_WHEELS),
    Switch("tensorflow", (0,), {"v4": {}, "v3": {}, "v2": {}}),
    Switch("tensorflow-xla", (2, 19), {"v4": _xla("AVX512"), "v3": _xla("AVX2")}, _AVX_WHEELS),
    Switch("tensorflow-xla", (0,), {}, "TensorFlow's XLA has a switch of the instruction set from "
           "2.19 on"),
    *[Switch(name, (0,), {
        "v4": _numba("skylake-avx512"),
        "v3": _numba("haswell"),
        "v2": dict(_numba("nehalem"), GLIBC_TUNABLES=_NO_FMA),
    }) for name in ("numba", "numba-fastmath")],
    *[Switch(name, (0,), {
        "v4": _march(name, "x86-64-v4"),
        "v3": _march(name, "x86-64-v3"),
        "v2": dict(_march(name, "x86-64-v2"), GLIBC_TUNABLES=_NO_FMA),
    }) for name in ("theano", "aesara", "pytensor")],
    Switch("torch", (0,), {
        "v4": {"ATEN_CPU_CAPABILITY": "avx512", "MKL_ENABLE_INSTRUCTIONS": "AVX512"},
        "v3": {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
        "v2": {"ATEN_CPU_CAPABILITY": "default", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
    }),
    *[switch for name in ("jax", "jax-eager") for switch in (
        Switch(name, (0, 4, 31), {"v4": _xla("AVX512"), "v3": _xla("AVX2"), "v2": _xla("SSE4_2")}),
        Switch(name, (0,), {}, "JAX has a switch of the instruction set from 0.4.31 on"),
    )],
)  # fmt: skip


def base(device):
    """The device that a level is one of: what a backend knows of."""
    return "cpu" if device in OF_DEVICE else device


def of_flags(flags):
    """The level of a processor with these ``flags``, as Linux names them; None below v2."""
    level = None
    for name in LEVELS:
        if not _ADDS[name] <= set(flags):
            break
        level = name
    return level


def here():
    """The level of this machine's processor; None where it has none of x86-64's."""
    try:
        with open("/proc/cpuinfo") as file:
            lines = [line for line in file if line.startswith("flags")]
    except OSError:
        return None
    return of_flags(lines[0].partition(":")[2].split()) if lines else None


def variables(library, version, device):
    """What to set before ``library`` (its ``version`` a tuple of numbers) is loaded, for
    ``device``."""
    found = {IN_FORCE: device}
    row = libraries.BY_NAME[library]
    always = [values for since, values in row.variables if version >= since]
    found.update(always[-1] if always else {})
    for backend in row.backends:
        switch = _switch(backend.name, version)
        if switch:
            found.update(switch.variables.get(OF_DEVICE.get(device), {}))
    return found


def why_not(backend, version, device):
    """Why ``backend`` has no such device here, in a line; "" where it has."""
    asked, own = OF_DEVICE.get(device), here()
    if asked is None:
        return ""
    if own is None or asked > own:
        return "this processor has x86-64-%s at the most" % own if own else "no x86-64 processor"
    switch = _switch(backend, version)
    if asked == own and not (switch and switch.variables):
        return ""  # nothing to be switched off
    if switch is None:
        return "no switch of %s's instruction set is known" % backend
    return "" if asked in switch.variables else switch.because


def switched(backend, version):
    """The levels that ``backend`` can be held to in that version, where the processor has them."""
    switch = _switch(backend, version)
    return set(switch.variables) if switch else set()


def not_in_force(backend, device):
    """Why this process does not compute at the level that it was started for; "" where it does,
    as far as the library tells."""
    if os.environ.get(IN_FORCE) != device:
        return "a process for %s must be started with its switches set" % device
    off = set(os.environ.get("NPY_DISABLE_CPU_FEATURES", "").split())
    if backend != "numpy" or not off:
        return ""
    core = "numpy._core" if release_under_test.VERSION >= (2,) else "numpy.core"
    built = importlib.import_module(core + "._multiarray_umath")
    on = [
        name
        for name in built.__cpu_dispatch__
        if name in off and built.__cpu_features__.get(name, False)
    ]
    return "this NumPy computes with %s, which was switched off" % " ".join(on) if on else ""


def _switch(backend: str, version) -> Optional[Switch]:
    for switch in SWITCHES:
        if switch.backend == backend and version >= switch.since:
            return switch
    return None
