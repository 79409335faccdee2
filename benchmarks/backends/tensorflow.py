"""TensorFlow 2, eager: each call runs at once, on a tensor that is already on the device."""

from ..process import release_under_test
from . import Unavailable
from ._names import TENSORFLOW_NAMES

if release_under_test.LIBRARY == "tensorflow":
    import tensorflow as tf

DTYPES = ("float16", "bfloat16", "float32", "float64")
HAS_STRIDES = False
COMPILES_SHAPES = False

_PLACES = ("math", "linalg", "nn", "")
_DEVICES = {"cpu": "CPU:0", "cpu-1": "CPU:0", "gpu": "GPU:0"}
_device = _DEVICES["cpu"]


def devices():
    gpus = tf.config.experimental.list_physical_devices("GPU")
    return ["cpu", "cpu-1"] + ["gpu"] * bool(gpus)


def start(device):
    global _device
    _device = _DEVICES[device]
    if device != "gpu":
        tf.config.experimental.set_visible_devices([], "GPU")
    if device == "cpu-1":
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def threads():
    # 0 stands for as many as there are cores.
    return {
        "intra_op": tf.config.threading.get_intra_op_parallelism_threads(),
        "inter_op": tf.config.threading.get_inter_op_parallelism_threads(),
    }


def check(op, dtype):
    try_out(find(op), op, dtype)


def try_out(function, op, dtype):
    """Raises Unavailable where ``function`` refuses ones of this dtype."""
    one = tf.ones((1,) * op.dimensions, dtype)
    refused = (TypeError, tf.errors.NotFoundError, tf.errors.InvalidArgumentError,
               tf.errors.UnimplementedError)  # fmt: skip
    try:
        function(*[one] * op.arity)
    except refused as error:
        raise Unavailable("TensorFlow's %s: %s" % (op.name, str(error).split("\n")[0]))


def timed_call(op, dtype, arguments):
    tensors = [to_device(dtype, bits) for bits in arguments]
    return until_ready(find(op), tensors), tensors


def until_ready(function, arguments):
    """``function``, such that its result is ready when it returns.

    Raises Unavailable where TensorFlow moves it from the device to the CPU, which it does without a
    word where it has no kernel.
    """
    if _device == _DEVICES["cpu"]:
        return function  # the CPU is done when the call returns
    where = function(*arguments).device
    if not where.upper().endswith(_device):
        raise Unavailable("no kernel for %s: TensorFlow runs it on %s" % (_device, where))

    def synchronous(*arguments):
        result = function(*arguments)
        # One stream runs in order, so this waits for the result without copying it.
        tf.test.experimental.sync_devices()
        return result

    return synchronous


def evaluate(op, dtype, arguments):
    tensors = [to_device(dtype, bits) for bits in arguments]
    return to_host(until_ready(find(op), tensors)(*tensors))


def find(op):
    name = TENSORFLOW_NAMES.get(op.name, op.name)
    for place in _PLACES:
        function = getattr(getattr(tf, place, None) if place else tf, name, None)
        if function is not None:
            return function
    raise Unavailable("this TensorFlow has no %s" % op.name)


def to_device(dtype, bits):
    with tf.device(_device):
        return tf.constant(bits.view(tf.as_dtype(dtype).as_numpy_dtype))


def to_host(tensor):
    result = tensor.numpy()
    return result.reshape(result.shape or 1).view("u%d" % result.dtype.itemsize)


def conversion_call(way, dtype, bits):
    array = bits.view(tf.as_dtype(dtype).as_numpy_dtype)
    if way == "from_numpy":
        return until_ready(tf.constant, [array]), [array]
    return to_device(dtype, bits).numpy, []
