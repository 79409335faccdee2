"""The quick profile: what a first look at a release measures, in some minutes on two cores.

``make report`` measures it on the machine at hand. Each row is a regex of asv's, over the benchmark
and its parameters. Of TensorFlow the eager calls: XLA's would take as long again.
"""

from benchmarks.libraries import FIRST

_ANY = "'[^']*'"


def _of(benchmark: str, *params: str) -> str:
    return rf"^{benchmark}\({', '.join(params)}\)$"


_CALLS = f"'(?:{'|'.join(FIRST.values())})'"
_FLOATS = "'(?:float32|float64)'"

QUICK = (
    r"^bench_accuracy\.Seed\.",
    # backend, op, dtype, region, device
    _of(r"bench_accuracy\.Elementwise\.track_max_ulp", _CALLS, _ANY, _FLOATS, _ANY, "'cpu'"),
    # backend, op, dtype, size, device
    _of(
        r"bench_time\.(?:Elementwise|Reduction)\.track_time",
        *(_CALLS, _ANY, "'float32'", "(?:1|1000|1000000)", "'cpu'"),
    ),
    # The edge of two square matrices.
    _of(r"bench_time\.Matmul\.track_time", _CALLS, _ANY, "'float32'", r"\d+", "'cpu'"),
)
