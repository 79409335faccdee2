"""Which release is under test here, read from the variables that tools/environments/ sets."""

import os
import re


def under_test():
    """The library and its version as numbers, like ("numpy", (2, 4, 6)).

    Outside of a release's environment (in the tests) it is the NumPy that is installed.
    """
    requirement = os.environ.get("ULPWATCH_RELEASE")
    if requirement is None:
        import numpy

        requirement = "numpy==" + numpy.__version__
    library, _, version = requirement.partition("==")
    return library, numbers(version)


def numbers(version):
    """A version as a tuple of numbers: (2, 4, 6)."""
    return tuple(int(part) for part in re.split("[@+]", version)[0].split(".") if part.isdigit())


def check(imported):
    """Raises RuntimeError where ``imported``, the library's __version__, is another release."""
    wanted = os.environ.get("ULPWATCH_RELEASE", "").partition("==")[2]
    # 2.0.0rc1 calls itself 2.0.0-rc1 in TensorFlow; a build's own name comes after a
    # plus, ours for it after an @.
    pair = [re.findall(r"[0-9]+", re.split("[@+]", one)[0]) for one in (wanted, imported)]
    if wanted and pair[0] != pair[1]:
        said = "%s %s is imported where %s is to be measured: remove its environment from env/"
        raise RuntimeError(said % (LIBRARY, imported, wanted))


LIBRARY, VERSION = under_test()
