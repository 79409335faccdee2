"""What it costs to go from NumPy's arrays to those of another library, and back."""

from . import available, batch, bench_time, libraries, ops
from .process import exchange
from .speed import timing


class Conversion(object):
    """`tf.constant(x)` and `tensor.numpy()`, say; on a GPU with the way to the device and back."""

    type = "time"
    unit = "seconds"
    version = "2"
    timeout = 120
    param_names = ["backend", "dtype", "size", "device"]
    params = [
        libraries.CONVERTING,
        ["float16", "float32", "float64"],
        [1, 1000, 10000, 100000, 1000000, 10000000],
        ["cpu", "gpu"],
    ]

    def setup(self, backend, dtype, size, device):
        self._module = available.require(backend, device, "sqrt", dtype)

    def track_from_numpy(self, *asked):
        return self._batch("from_numpy", asked)

    def track_to_numpy(self, *asked):
        return self._batch("to_numpy", asked)

    def _batch(self, way, asked):
        def sampling(backend, dtype, size, device):
            (bits,) = bench_time.arguments(ops.OPS["sqrt"], dtype, size)
            function, given = self._module.conversion_call(way, dtype, bits)
            return timing.Sampling(function, [given], timing.profile(exchange.plan()))

        benchmark = "bench_conversion.Conversion.track_" + way
        return batch.visit(benchmark, self.params, asked, (0, 3), sampling)
