"""How wrong results are, in ULP against the exact answer."""

import mpmath
import numpy as np

from . import _scratch, available, backends, ops, reference, sweep, ulp


class Elementwise(object):
    """The largest error found over the quick profile's inputs: see sweep.py and inputs.py."""

    version = "1"
    unit = "ulp"
    timeout = 600
    param_names = ["backend", "op", "dtype", "region", "device"]
    params = [
        backends.NAMES,
        [op.name for op in ops.ELEMENTWISE],
        list(ulp.FORMATS),
        list(sweep.REGIONS),
        ["cpu", "gpu"],
    ]

    def setup(self, backend, op, dtype, region, device):
        self._module = available.require(backend, device, op, dtype)

    def track_max_ulp(self, backend, op, dtype, region, device):
        records = _scratch.remember(
            "record-%s-%s-%s-%s" % (backend, device, op, dtype),
            lambda: sweep.quick(self._module, backend, device, ops.OPS[op], dtype),
        )
        record = records[region]
        return float("nan") if record["max_ulp"] is None else record["max_ulp"]


class Seed(object):
    """The question of 2017: float32 square roots of 0…99, TensorFlow 1.2.0 beside NumPy 1.13.1."""

    version = "1"
    unit = "results not correctly rounded"
    param_names = ["backend", "device"]
    params = [backends.NAMES, ["cpu", "gpu"]]

    def setup(self, backend, device):
        self._module = available.require(backend, device, "sqrt", "float32")

    def track_seed_example(self, backend, device):
        format = ulp.FORMATS["float32"]
        bits = ulp.encode(np.arange(100), format)
        got = self._module.evaluate(ops.OPS["sqrt"], "float32", [bits])
        with mpmath.workprec(reference.PRECISION):
            due = [ulp.from_mp(mpmath.sqrt(number), format) for number in range(100)]
        return sum(int(result) != rounded for result, rounded in zip(got, due))
