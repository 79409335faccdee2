"""Run in a release's environment: the processor's seconds per second of a call, by op.

``python -m tests.inside.processor_time BACKEND DEVICE`` prints them as JSON: with one thread they
are at most 1, whatever else the machine does.
"""

import json
import sys
import time

from benchmarks import backends, bench_time, ops

module = backends.load(sys.argv[1])
module.start(sys.argv[2])
answer = {}
for name, size in (("matmul", 700), ("exp", 10000000), ("sum", 10000000)):
    function, arguments = module.timed_call(
        ops.OPS[name], "float32", bench_time.arguments(ops.OPS[name], "float32", size)
    )
    function(*arguments)
    time.sleep(0.3)  # OpenBLAS's threads spin for 2**26 ticks of the clock before they sleep
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(10):
        function(*arguments)
    answer[name] = (time.process_time() - processor) / (time.perf_counter() - wall)
print(json.dumps(answer))
