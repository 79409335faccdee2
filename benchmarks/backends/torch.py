"""PyTorch, eager: each call runs at once, on a tensor that is already on the device."""

from ..process import release_under_test
from . import _names, refused

if release_under_test.LIBRARY == "torch":
    import torch
    import torch.nn.functional

DTYPES = ("float16", "bfloat16", "float32", "float64")
HAS_STRIDES = False
COMPILES_SHAPES = False

_INTEGERS = {2: "int16", 4: "int32", 8: "int64"}
# Where what it calls by the name does something else, or wants to know more.
_CALLS = {
    "cumsum": {"dim": 0},
    "logsumexp": {"dim": 0},
    "softmax": {"dim": 0},
    "std": {"unbiased": False},
    "var": {"unbiased": False},
}
_device = "cpu"


def devices():
    return ["cpu", "cpu-1"] + ["gpu"] * torch.cuda.is_available()


def start(device):
    global _device
    _device = "cuda:0" if device == "gpu" else "cpu"
    if device == "cpu-1":
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)


def threads():
    return {"intra_op": torch.get_num_threads(), "inter_op": torch.get_num_interop_threads()}


def check(op, dtype):
    function = _function(op)
    one = torch.ones((1,) * op.dimensions, dtype=getattr(torch, dtype), device=_device)
    try:
        function(*[one] * op.arity)
    except (RuntimeError, TypeError) as error:
        raise refused(op, dtype, error)


def timed_call(op, dtype, arguments):
    function = _function(op)
    tensors = [to_device(dtype, bits) for bits in arguments]
    if _device == "cpu":
        return function, tensors

    def synchronous(*given):
        result = function(*given)
        torch.cuda.synchronize()
        return result

    return synchronous, tensors


def evaluate(op, dtype, arguments):
    result = _function(op)(*[to_device(dtype, bits) for bits in arguments])
    if result.dtype != getattr(torch, dtype):
        raise TypeError("%s of %s gave %s" % (op.name, dtype, result.dtype))
    size = result.element_size()
    plain = result.contiguous().view(getattr(torch, _INTEGERS[size])).cpu().numpy()
    return plain.reshape(plain.shape or 1).view("u%d" % size)


def conversion_call(way, dtype, bits):
    if way == "from_numpy":
        return (lambda: to_device(dtype, bits)), []
    tensor = to_device(dtype, bits).view(getattr(torch, _INTEGERS[bits.dtype.itemsize]))
    return (lambda: tensor.cpu().numpy()), []


def to_device(dtype, bits):
    integers = torch.from_numpy(bits.view(_INTEGERS[bits.dtype.itemsize]).copy())
    return integers.view(getattr(torch, dtype)).to(_device)


def _function(op):
    found = _names.find(op, {"torch": torch})
    more = _CALLS.get(op.name)
    return (lambda *given: found(*given, **more)) if more else found
