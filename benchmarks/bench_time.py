"""How long a call takes, with its inputs on the device, until its result is ready."""

from . import available, backends, inputs, ops, timing, ulp


class _Time(object):
    # A track_ method that says it is a time: asv then shows spread and tests significance, and
    # the loop is ours (timing.py says why).
    type = "time"
    unit = "seconds"
    version = "1"
    timeout = 120
    param_names = ["backend", "op", "dtype", "size", "device"]

    def setup(self, backend, op, dtype, size, device):
        op = ops.OPS[op]
        module = available.require(backend, device, op.name, dtype)
        format = ulp.FORMATS[dtype]
        shape = (size,) * op.dimensions
        arguments = [
            inputs.uniform(interval, format, 20 + index, 0, size**op.dimensions).reshape(shape)
            for index, interval in enumerate(op.usual)
        ]
        self._call = module.timed_call(op, dtype, arguments)

    def track_time(self, backend, op, dtype, size, device):
        return timing.sample(*self._call)


def _params(rows, sizes):
    names = [op.name for op in rows]
    return [backends.NAMES, names, list(ulp.FORMATS), sizes, ["cpu", "cpu-1", "gpu"]]


class Elementwise(_Time):
    params = _params(ops.ELEMENTWISE, [1, 10000, 1000000])


class Reduction(_Time):
    params = _params(ops.REDUCTIONS, [1, 10000, 1000000])


class Matmul(_Time):
    """The size is the edge of two square matrices."""

    params = _params([ops.MATMUL], [1, 100, 1000])
