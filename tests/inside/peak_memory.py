"""Prints what exp and sum of ten million float32 take in memory, in bytes."""

import json
import sys

from benchmarks import backends, bench_memory, ops
from benchmarks.behaviour import repeats

(backend,) = sys.argv[1:]
backends.load(backend)  # its import, once
found = {}
for name in ("exp", "sum"):
    arguments = (backend, ops.OPS[name], "float32", 10**7, "cpu")
    found[name] = int(repeats.in_fork(lambda given=arguments: bench_memory.peak(*given)))
print(json.dumps(found))
