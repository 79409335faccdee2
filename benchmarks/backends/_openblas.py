"""The number of threads of the OpenBLAS that NumPy has already loaded."""

import ctypes

# Wheels of NumPy prefix and suffix the function's name differently over the years.
_NAMES = [
    prefix + "openblas_set_num_threads" + suffix
    for prefix in ("", "scipy_")
    for suffix in ("", "64_", "_64_")
]


def set_num_threads(count):
    """Set it in every OpenBLAS that this process has loaded; returns how many there are."""
    with open("/proc/self/maps") as maps:
        paths = {line.split(None, 5)[5].strip() for line in maps if "openblas" in line}
    for path in paths:
        library = ctypes.CDLL(path)
        for name in _NAMES:
            function = getattr(library, name, None)
            if function is not None:
                function(ctypes.c_int(count))
                break
    return len(paths)
