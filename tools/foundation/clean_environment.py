"""What the shell that invokes us has set for its own libraries never reaches a release.

Whoever measures would else measure his shell: with OPENBLAS_CORETYPE set for another processor,
NumPy's matmul took 1.7 times as long and gave other bits. What this suite sets itself, and what
asv.conf.json's matrix does (an axis of NPY_DISABLE_CPU_FEATURES, say), comes after the removal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from benchmarks.libraries import LIBRARIES

_PREFIXES = (
    # Which kernels a BLAS takes, and how many threads.
    *("OPENBLAS_", "GOTO_", "BLIS_", "MKL_", "AOCL_", "ARMPL_", "NVPL_", "VECLIB_"),
    # Threads, where they run and how they wait.
    *("OMP_", "GOMP_", "KMP_", "TBB_", "NUMEXPR_"),
    # What the libraries themselves ask: CPU features, optimisations, layouts, logs.
    *(prefix for library in LIBRARIES for prefix in library.settings),
    # How a GPU's libraries round and choose their algorithms.
    *("CUBLAS_", "CUBLASLT_", "CUDNN_"),
    # The interpreter: its path, optimisation, allocator, hashes, checks; bytecode not written would
    # have TensorFlow take twice as long to import.
    "PYTHON",
    # glibc's allocator.
    "MALLOC_",
)
_NAMES = frozenset((
    "GLIBC_TUNABLES",  # switches off CPU features in libm, too, and so changes results
    *("LD_PRELOAD", "LD_AUDIT"),  # another allocator, BLAS or libm
    "LD_BIND_NOW",  # all symbols at once, which is in the time of an import
    "NVIDIA_TF32_OVERRIDE",  # the precision of matrix products
    # Calls that wait, kernels that are compiled each time. The rest of CUDA_ says which device
    # and where CUDA is; LD_LIBRARY_PATH, too, is how its libraries are found.
    *("CUDA_LAUNCH_BLOCKING", "CUDA_FORCE_PTX_JIT", "CUDA_CACHE_DISABLE", "CUDA_MODULE_LOADING"),
    # Of dependencies that are built from source when an environment is made.
    *("CFLAGS", "CXXFLAGS", "CPPFLAGS", "FFLAGS", "LDFLAGS"),
))  # fmt: skip

# Of uv's own settings, what says where packages and Pythons come from and go to. The others choose
# versions or builds: with UV_OVERRIDE another release is installed than the one asked for.
_OF_UV = frozenset((
    *("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL"),
    *("UV_CACHE_DIR", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_OFFLINE", "UV_HTTP_TIMEOUT"),
    *("UV_PYTHON_INSTALL_DIR", "UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS"),
))  # fmt: skip
_CREDENTIALS = re.compile(r"UV_INDEX_\w+_(USERNAME|PASSWORD)")


def clean(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """``environment`` without what would make a release another one."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _NAMES and not name.startswith(_PREFIXES)
    }


def for_uv(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """``environment`` for uv: cleaned, and without what would have it install something else."""
    return {
        name: value
        for name, value in clean(environment).items()
        if not name.startswith("UV_") or name in _OF_UV or _CREDENTIALS.fullmatch(name)
    }
