"""The libraries that are measured, one row each: all that is known of one beside its functions.

A row's backends name modules of backends/, which know how its functions are called.
"""

from typing import NamedTuple, Optional, Tuple


class Backend(NamedTuple):
    """One way to call a library's functions.

    ``since`` is the first version that has it; of several rows with one name the first that fits a
    release is taken. ``shown`` is a line of Python that calls {function} with {arguments}, each an
    {argument}: an array, since a library may compute a lone number otherwise.
    """

    name: str
    title: str
    since: Tuple[int, ...]
    module: str
    shown: str = ""
    argument: str = ""


_NUMPY = "import numpy as np; print(float(np.{function}({arguments})[0]).hex())"
_ARRAY = "np.full(16, float.fromhex('{hex}'), '{dtype}')"
_EAGER = "import tensorflow as tf; print(float(tf.math.{function}({arguments})[0]).hex())"
_XLA = (
    "import tensorflow as tf; "
    "print(float(tf.function(tf.math.{function}, jit_compile=True)({arguments})[0]).hex())"
)
_TENSOR = "tf.fill([16], tf.constant(float.fromhex('{hex}'), '{dtype}'))"


class Library(NamedTuple):
    """One library.

    ``first``
        the version that its history begins with; of each minor version since, the newest patch.
    ``always``
        versions that are in the table whatever they are.
    ``settings``
        what the names of the variables begin with that choose its code: a shell's never reach it.
    ``gpu``
        the extra that brings what it needs on a GPU, and the first version that has it.
    """

    name: str
    title: str
    first: str
    backends: Tuple[Backend, ...]
    always: Tuple[str, ...] = ()
    settings: Tuple[str, ...] = ()
    gpu: Optional[Tuple[str, str]] = None


LIBRARIES = (
    Library(
        name="numpy",
        title="NumPy",
        first="1.13",
        always=("1.13.1",),  # of the question of 2017
        settings=("NPY_", "NUMPY_"),
        backends=(Backend("numpy", "NumPy", (0,), "numpy", _NUMPY, _ARRAY),),
    ),
    Library(
        name="tensorflow",
        title="TensorFlow",
        first="1.2",
        always=("1.2.0",),  # of the question of 2017
        settings=("TF_", "XLA_", "ONEDNN_", "DNNL_", "MKLDNN_"),
        # CUDA's libraries, 3 GB: it finds no GPU without. Before, the machine has them or not.
        gpu=("and-cuda", "2.14"),
        backends=(
            Backend("tensorflow", "TensorFlow", (2,), "tensorflow", _EAGER, _TENSOR),
            Backend("tensorflow", "TensorFlow", (0,), "tensorflow_session"),
            Backend("tensorflow-xla", "TensorFlow (XLA)", (2, 1), "tensorflow_xla", _XLA, _TENSOR),
        ),
    ),
)
BY_NAME = {library.name: library for library in LIBRARIES}
TITLES = {backend.name: backend.title for library in LIBRARIES for backend in library.backends}
"""How a backend is called where people read of it, in the order of the rows."""
QUESTION = ("numpy", "tensorflow")
"""The libraries that the start page's question is about."""
FIRST = {one.name: one.backends[0].name for one in LIBRARIES}
"""The backend that a library is called by where none is named."""
OF_BACKEND = {backend.name: one.name for one in LIBRARIES for backend in one.backends}
"""The name of a backend's library."""
_OWNERS = {**OF_BACKEND, **{name: name for name in BY_NAME}}


def is_of_another(library, value):
    """Whether ``value`` of a benchmark's parameter is a library or a backend, and none of
    ``library``: a release of that never answers for it."""
    return _OWNERS.get(value, library) != library


def module(backend, library, version):
    """The module of backends/ that calls ``backend`` in that version (a tuple of numbers); None
    where the release has no such backend."""
    for one in BY_NAME[library].backends:
        if one.name == backend and version >= one.since:
            return one.module
    return None
