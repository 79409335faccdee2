"""TensorFlow 2 through its compiler XLA: ``tf.function(jit_compile=True)``."""

from ..process import release_under_test
from . import tensorflow

if release_under_test.LIBRARY == "tensorflow":
    import tensorflow as tf

DTYPES = tensorflow.DTYPES
HAS_STRIDES = False
COMPILES_SHAPES = True

_compiled = {}


def devices():
    return tensorflow.devices()


def start(device):
    tensorflow.start(device)
    tf.get_logger().setLevel("ERROR")  # it warns of compiling anew for each shape


def threads():
    return tensorflow.threads()


def check(op, dtype):
    tensorflow.try_out(_compile(op), op, dtype)


def timed_call(op, dtype, arguments):
    tensors = [tensorflow.to_device(dtype, bits) for bits in arguments]
    _compile(op)(*tensors)  # compiles for these shapes
    return tensorflow.until_ready(_compile(op), tensors), tensors


def evaluate(op, dtype, arguments):
    tensors = [tensorflow.to_device(dtype, bits) for bits in arguments]
    return tensorflow.to_host(_compile(op)(*tensors))


def compile_call(op, dtype, arguments):
    tensors = [tensorflow.to_device(dtype, bits) for bits in arguments]

    def compile_anew():
        _compiled.pop(op.name, None)
        return _compile(op)(*tensors)

    return compile_anew


def _compile(op):
    if op.name not in _compiled:
        function = tensorflow.find(op)
        # Named experimental_compile until TensorFlow 2.5.
        option = "jit_compile" if release_under_test.VERSION >= (2, 5) else "experimental_compile"
        _compiled[op.name] = tf.function(lambda *args: function(*args), **{option: True})
    return _compiled[op.name]
