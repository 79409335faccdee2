"""Which release is under test here. Read from the environment that tools/environments.py sets."""

import os


def under_test():
    """The library and its version as numbers, like ("numpy", (2, 4, 6)).

    Outside of a release's environment (in the tests) it is the NumPy that is installed.
    """
    requirement = os.environ.get("ULPWATCH_RELEASE")
    if requirement is None:
        import numpy

        requirement = "numpy==" + numpy.__version__
    library, _, version = requirement.partition("==")
    return library, tuple(int(part) for part in version.split(".") if part.isdigit())


LIBRARY, VERSION = under_test()
