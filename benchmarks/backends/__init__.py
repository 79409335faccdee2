"""The libraries under test. Each module here has the same names, in the same order:

``DTYPES``
    the dtypes that it has.
``HAS_STRIDES``
    whether a function sees the strides of its argument, not a contiguous copy.
``COMPILES_SHAPES``
    whether each new shape is compiled anew, so that few should be tried.
``devices()``
    the devices that it can use on this machine.
``start(device)``
    threads and devices, set before the first call.
``threads()``
    what start has set, in the library's own words, to be kept with the times.
``check(op, dtype)``
    raises Unavailable where this release has no such function for this dtype.
``timed_call(op, dtype, arguments)``
    a function and its arguments, such that ``function(*arguments)`` is the call that a user
    writes: inputs on the device, the result ready when it returns. ``arguments`` are bit patterns.
``evaluate(op, dtype, arguments)``
    the bit patterns of the results for the bit patterns of the inputs.

What only some can do is at the end: ``conversion_call(way, dtype, bits)``, a call that is
``from_numpy`` or ``to_numpy``, and ``compile_call(op, dtype, arguments)``, one that compiles anew.

A new backend is a module like these and a row in libraries.py.
"""

import importlib

from .. import libraries
from ..process import release_under_test


class Unavailable(NotImplementedError):
    """This release or machine cannot run this. asv takes it for "skipped", not for "failed"."""


def refused(op, dtype, error):
    """Unavailable, for what the library under test says of this op (a row of ops.py) and dtype."""
    title = libraries.BY_NAME[release_under_test.LIBRARY].title
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Unavailable("%s's %s of %s: %s" % (title, op.name, dtype, said))


NAMES = sorted(libraries.OF_BACKEND)


def has(name, library, version):
    """Whether that release (a version is a tuple of numbers) has the backend ``name``."""
    return libraries.module(name, library, version) is not None


def none(name, library):
    """Why it has not."""
    return "no backend %s in this release of %s" % (name, library)


def load(name):
    """The module of backend ``name``. Raises Unavailable where the release has no such backend,
    RuntimeError where another release is imported than that which is under test."""
    module = libraries.module(name, release_under_test.LIBRARY, release_under_test.VERSION)
    if module is None:
        raise Unavailable(none(name, release_under_test.LIBRARY))
    loaded = importlib.import_module("." + module, __name__)  # may set what its library reads
    release_under_test.check(importlib.import_module(release_under_test.LIBRARY).__version__)
    return loaded
