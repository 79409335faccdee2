"""The libraries that are measured, one row each: all that is known of one beside its functions.

A row's backends name modules of backends/, which know how its functions are called.
"""

from typing import Dict, NamedTuple, Optional, Tuple


class Backend(NamedTuple):
    """One way to call a library's functions.

    ``since`` is the first version that has it; of several rows with one name the first that fits a
    release is taken. ``shown`` is a line of Python that calls {function} with {arguments}, each an
    {argument} of {dtype}: an array, since a library may compute a lone number otherwise; {names}
    are as many variables. ``prefix`` comes before a function's name (_names.py). One that
    ``compiles`` takes a time for that which users wait for, one that ``keeps`` what it compiled
    finds it again in another process, one that ``converts`` has arrays of its own.
    """

    name: str
    title: str
    since: Tuple[int, ...]
    module: str
    shown: str = ""
    argument: str = ""
    prefix: str = ""
    compiles: bool = False
    keeps: bool = False
    converts: bool = False


def _printed(imports, call):
    return "import %s; print(float(%s({arguments})[0]).hex())" % (imports, call)


_ARRAY = "np.full(16, float.fromhex('{hex}'), '{dtype}')"
_TENSOR = "tf.fill([16], tf.constant(float.fromhex('{hex}'), '{dtype}'))"
_NUMPY = _printed("numpy as np", "{function}"), _ARRAY, "np."
_EAGER = _printed("tensorflow as tf", "{function}"), _TENSOR, "tf.math."
_XLA = _printed("tensorflow as tf", "tf.function({function}, jit_compile=True)"), *_EAGER[1:]
_NUMBA = (
    _printed("math, numba, numpy as np", "numba.vectorize(lambda {names}: {function}({names}))"),
    *_NUMPY[1:],
)
_FASTMATH = _NUMBA[0].replace("({names}))", "({names}), fastmath=True)"), *_NUMBA[1:]
_JAX_EAGER = (
    "import jax; jax.config.update('jax_enable_x64', True); import jax.numpy as jnp; "
    "print(float({function}({arguments})[0]).hex())",
    "jnp.full(16, float.fromhex('{hex}'), '{dtype}')",
    "jnp.",
)
_TORCH = (
    _printed("torch", "{function}"),
    "torch.full((16,), float.fromhex('{hex}'), dtype=torch.{dtype})",
    "torch.",
)
_CUPY = (
    _printed("cupy as cp, cupyx.scipy.special", "{function}"),
    "cp.full(16, float.fromhex('{hex}'), '{dtype}')",
    "cp.",
)
_JAX = _JAX_EAGER[0].replace("{function}", "jax.jit({function})"), *_JAX_EAGER[1:]


def _graph(name, title):
    """Theano's, and of those who followed: a function of symbols that is compiled."""
    shown = (
        "import numpy as np, {library}, {library}.tensor as T; "
        "{names}, = [T.vector(dtype='{dtype}') for _ in '{names}'.split()]; "
        "print(float({library}.function([{names}], {function}({names}))({arguments})[0]).hex())"
    )
    return Backend(
        name, title, (0,), "theano", shown.replace("{library}", name), _ARRAY, "T.", compiles=True
    )


# Where there is none, Theano computes with NumPy's loops, and gives NumPy's numbers.
_COMPILER = (("g++", "g++"),)


class Library(NamedTuple):
    """One library.

    ``first``
        the version that its history begins with; of each minor version since, the newest patch.
        None where its packages bring gigabytes: what somebody has installed is measured (--python).
    ``always``
        versions that are in the table whatever they are.
    ``settings``
        what the names of the variables begin with that choose its code: a shell's never reach it.
    ``extra``
        of its package, that brings what it needs on a CPU.
    ``gpu``
        the extra that brings what it needs on a GPU, and the first version that has it.
    ``pythons``
        the Python of the day, from a version on, of files that do not say for which they are.
    ``besides``
        requirements that its package leaves out.
    ``programs``
        that must be on the path, each with the package of Debian that has it.
    ``variables``
        that are set before it is loaded, from a version on.
    """

    name: str
    title: str
    first: Optional[str]
    backends: Tuple[Backend, ...]
    always: Tuple[str, ...] = ()
    settings: Tuple[str, ...] = ()
    extra: str = ""
    gpu: Optional[Tuple[str, str]] = None
    pythons: Tuple[Tuple[str, str], ...] = ()
    besides: Tuple[str, ...] = ()
    programs: Tuple[Tuple[str, str], ...] = ()
    variables: Tuple[Tuple[Tuple[int, ...], Dict[str, str]], ...] = ()


LIBRARIES = (
    Library(
        name="numpy",
        title="NumPy",
        first="1.13",
        always=("1.13.1",),  # of the question of 2017
        settings=("NPY_", "NUMPY_"),
        backends=(Backend("numpy", "NumPy", (0,), "numpy", *_NUMPY),),
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
            Backend("tensorflow", "TensorFlow", (2,), "tensorflow", *_EAGER, converts=True),
            Backend("tensorflow", "TensorFlow", (0,), "tensorflow_session", converts=True),
            Backend(
                "tensorflow-xla", "TensorFlow (XLA)", (2, 1), "tensorflow_xla", *_XLA, compiles=True
            ),
        ),
    ),
    Library(
        name="numba",
        title="Numba",
        first="0.35",  # the first with a wheel for a Python that this suite runs on
        settings=("NUMBA_",),
        besides=("scipy",),  # it has Numba's matrix products
        # Of LLVM's day, newer processors have no name: 30 times as slow.
        variables=(((0,), {"NUMBA_CPU_NAME": "generic"}), ((0, 36), {})),
        backends=(
            Backend("numba", "Numba", (0,), "numba", *_NUMBA, compiles=True),
            Backend(
                "numba-fastmath",
                "Numba (fastmath)",
                (0,),
                "numba_fastmath",
                *_FASTMATH,
                compiles=True,
            ),
        ),
    ),
    # One line of history: Aesara began as Theano 1.1, PyTensor as Aesara 2.8.
    Library(
        name="theano",
        title="Theano",
        first="0.9",  # 0.8 is older than the oldest Python that this suite runs on
        settings=("THEANO_",),
        pythons=(("0", "3.6"), ("1.0", "3.7")),
        programs=_COMPILER,
        backends=(_graph("theano", "Theano"),),
    ),
    Library(
        name="aesara",
        title="Aesara",
        first="2.0",
        settings=("AESARA_",),
        pythons=(("0", "3.8"), ("2.7", "3.9")),
        programs=_COMPILER,
        backends=(_graph("aesara", "Aesara"),),
    ),
    Library(
        name="pytensor",
        title="PyTensor",
        first="2.8",
        settings=("PYTENSOR_", "NUMBA_"),
        programs=_COMPILER,
        backends=(_graph("pytensor", "PyTensor"),),
    ),
    Library(
        name="jax",
        title="JAX",
        first="0.4",
        always=("0.4.18", "0.4.30"),  # its minor versions begin to count at 0.5
        settings=("JAX_", "XLA_"),
        extra="cpu",
        gpu=("cuda12", "0.4.30"),
        variables=(((0,), {"JAX_TRACEBACK_FILTERING": "off"}),),  # else it hides why it failed
        backends=(
            Backend("jax", "JAX", (0,), "jax", *_JAX, compiles=True, keeps=True, converts=True),
            Backend("jax-eager", "JAX (eager)", (0,), "jax_eager", *_JAX_EAGER, keeps=True),
        ),
    ),
    Library(
        name="torch",
        title="PyTorch",
        first=None,
        settings=("ATEN_", "TORCH_", "PYTORCH_"),
        backends=(Backend("torch", "PyTorch", (0,), "torch", *_TORCH, converts=True),),
    ),
    Library(
        name="cupy",
        title="CuPy",
        first=None,
        settings=("CUPY_",),
        backends=(Backend("cupy", "CuPy", (0,), "cupy", *_CUPY, converts=True),),
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
COMPILING = sorted({b.name for one in LIBRARIES for b in one.backends if b.compiles})
KEEPING = sorted({b.name for one in LIBRARIES for b in one.backends if b.keeps})
CONVERTING = sorted({b.name for one in LIBRARIES for b in one.backends if b.converts})
_OWNERS = {**OF_BACKEND, **{name: name for name in BY_NAME}}


def is_of_another(library, value):
    """Whether ``value`` of a benchmark's parameter is a library or a backend, and none of
    ``library``: a release of that never answers for it."""
    return owner(value) not in (None, library)


def owner(value):
    """The library that ``value`` of a benchmark's parameter names, or a backend of; None else."""
    return _OWNERS.get(value)


def module(backend, library, version):
    """The module of backends/ that calls ``backend`` in that version (a tuple of numbers); None
    where the release has no such backend."""
    for one in BY_NAME[library].backends:
        if one.name == backend and version >= one.since:
            return one.module
    return None
