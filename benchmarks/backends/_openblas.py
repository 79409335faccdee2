"""The number of threads of the OpenBLAS that NumPy has already loaded."""

import ctypes


def set_num_threads(count):
    """Set it in every OpenBLAS that this process has loaded."""
    for function in _functions("set_num_threads"):
        function(ctypes.c_int(count))


def num_threads():
    """Of each OpenBLAS that this process has loaded; there is none in a NumPy with another BLAS."""
    return [function() for function in _functions("get_num_threads")]


def _functions(name):
    with open("/proc/self/maps") as maps:
        paths = {line.split(None, 5)[5].strip() for line in maps if "openblas" in line}
    for path in sorted(paths):
        library = ctypes.CDLL(path)
        found = (getattr(library, full, None) for full in _names(name))
        function = next((function for function in found if function is not None), None)
        if function is not None:
            yield function


def _names(name):
    """Wheels of NumPy prefix and suffix the function's name differently over the years."""
    for prefix in ("", "scipy_"):
        for suffix in ("", "64_", "_64_"):
            yield prefix + "openblas_" + name + suffix
