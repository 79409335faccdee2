"""CuPy: NumPy's names, on a GPU alone."""

from ..process import release_under_test
from . import _names, refused

if release_under_test.LIBRARY == "cupy":
    import cupy
    import cupyx.scipy.special

DTYPES = ("float16", "float32", "float64")
HAS_STRIDES = False
COMPILES_SHAPES = False


def devices():
    try:
        return ["gpu"] * bool(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError:
        return []


def start(device):
    cupy.cuda.Device(0).use()


def threads():
    return {}


def check(op, dtype):
    function, one = _function(op), cupy.ones((1,) * op.dimensions, dtype)
    try:
        function(*[one] * op.arity)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise refused(op, dtype, error)


def timed_call(op, dtype, arguments):
    function = _function(op)

    def synchronous(*given):
        result = function(*given)
        cupy.cuda.get_current_stream().synchronize()
        return result

    return synchronous, [to_device(dtype, bits) for bits in arguments]


def evaluate(op, dtype, arguments):
    result = _function(op)(*[to_device(dtype, bits) for bits in arguments])
    return _names.bits(cupy.asnumpy(result), op, dtype)


def conversion_call(way, dtype, bits):
    if way == "from_numpy":
        return (lambda: to_device(dtype, bits)), []
    array = to_device(dtype, bits)
    return (lambda: cupy.asnumpy(array)), []


def to_device(dtype, bits):
    return cupy.asarray(bits.view(dtype))


def _function(op):
    return _names.find(op, {"cp": cupy, "cupyx": cupyx})
