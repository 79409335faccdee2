"""Results files made by hand, in asv's format, for the tests of what reads them."""

import itertools
import json
import math

from tools.releases.release_table import load

RELEASES = load()
VERSION = "1"
V3 = ["fma", "movbe", "avx", "f16c", "abm", "bmi1", "avx2", "bmi2", "cx16", "lahf_lm", "popcnt",
      "sse4_1", "sse4_2", "ssse3"]  # fmt: skip
V4 = [*V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
"""What Linux calls the features of processors of these levels."""
PARAMS = {
    "bench_time.Elementwise.track_time": {
        "backend": ["numpy", "tensorflow"], "op": ["exp", "sin"], "dtype": ["float32"],
        "size": [1, 1000, 10000], "device": ["cpu"],
    },
    "bench_accuracy.Elementwise.track_max_ulp": {
        "backend": ["numpy", "tensorflow"], "op": ["exp", "sin"], "dtype": ["float32", "float16"],
        "region": ["normal"], "device": ["cpu", "gpu"],
    },
    "bench_accuracy.Search.track_max_ulp_search": {
        "backend": ["numpy", "tensorflow"], "op": ["exp", "sin"], "dtype": ["float32"],
        "region": ["normal"], "device": ["cpu"],
    },
    "bench_accuracy.Seed.track_seed_example": {
        "backend": ["numpy", "tensorflow"], "device": ["cpu"],
    },
    "bench_behaviour.Distance.track_distance_ulp": {
        "backend": ["tensorflow"], "op": ["exp", "sin"], "dtype": ["float32"], "device": ["cpu"],
    },
}  # fmt: skip
TIME, ULP, SEARCH, SEED, DISTANCE = PARAMS
_UNITS = {TIME: "seconds", ULP: "ulp", SEARCH: "ulp", SEED: "results not correctly rounded",
          DISTANCE: "representable numbers"}  # fmt: skip
_COLUMNS = ["result", "params", "version", "started_at", "duration", "stats_ci_99_a",
            "stats_ci_99_b", "stats_q_25", "stats_q_75", "stats_number", "stats_repeat",
            "samples", "profile"]  # fmt: skip
STARTED = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC


def release(name):
    return next(release for release in RELEASES if release.name == name)


def reprs(benchmark):
    return [[repr(value) for value in values] for values in PARAMS[benchmark].values()]


def write_benchmarks(results, **changes):
    """benchmarks.json, as asv writes it; ``changes`` go into every benchmark."""
    benchmarks = {
        name: {"name": name, "version": VERSION, "unit": _UNITS[name], "params": reprs(name),
               "param_names": list(PARAMS[name]), "type": "track", "code": ""} | changes
        for name in PARAMS
    }  # fmt: skip
    results.mkdir(exist_ok=True)
    (results / "benchmarks.json").write_text(json.dumps({**benchmarks, "version": 2}))


def write(results, name, numbers, machine="here", version=VERSION):
    """The results file of release ``name``: ``numbers`` by benchmark and tuple of parameters.

    A number is NaN where it is not given; a time may be (low, median, high). Returns the path.
    """
    rows = {}
    for benchmark, given in numbers.items():
        values = [given.get(key, math.nan)
                  for key in itertools.product(*PARAMS[benchmark].values())]  # fmt: skip
        rows[benchmark] = _row(benchmark, values, version)
    file = {
        "commit_hash": release(name).hash, "env_name": "release-pyrelease", "date": 0,
        "params": {"machine": machine}, "python": "release", "requirements": {}, "env_vars": {},
        "result_columns": _COLUMNS, "results": rows, "durations": {}, "version": 2,
    }  # fmt: skip
    folder = results / machine
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "machine.json").write_text(json.dumps({"machine": machine, "version": 1}))
    path = folder / f"{release(name).hash[:8]}-release-pyrelease.json"
    path.write_text(json.dumps(file))
    return path


def _row(benchmark, values, version):
    spread = [value if isinstance(value, tuple) else (None, value, None) for value in values]
    low, median, high = (list(column) for column in zip(*spread, strict=True))
    row = dict.fromkeys(_COLUMNS)
    row.update(result=median, params=reprs(benchmark), version=version, started_at=STARTED)
    if benchmark == TIME:
        row.update(stats_q_25=low, stats_q_75=high)
    columns = list(row.values())
    while columns[-1] is None:  # as asv does
        columns.pop()
    return columns


def write_listing(results, name, unavailable, machine="here", **facts):
    file = results / machine / "environments" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"unavailable": unavailable, **facts}) + "\n")
    return file


def number(value):
    """A number as a Record has it."""
    return {"bits": "0x0", "decimal": repr(value), "hex": float(value).hex()}


_COUNTS = {"inputs": 10, "nan_wrong": 0, "number_wrong": 0, "flushed": 0}
_ERRORS = {"max_ulp": 1.0, "mean_ulp": 0.5, "misrounded": 0.25, "filter_ulp": 1e-9, "profile": None}
_OF_KIND = {
    "sample": {**_COUNTS, **_ERRORS, "results": "ab"},
    "exact": {**_COUNTS, **_ERRORS, "results": "ab", "nonmonotonic": None},
    "search": {**_COUNTS, **_ERRORS, "mean_ulp": None, "misrounded": None, "budget": 9, "seed": 1},
}


def record(kind="sample", **facts):
    """A Record of errors of exp in float32."""
    witness = {"input": [number(1.0)], "got": number(2.0), "correctly_rounded": number(2.5),
               "exact": "2.6", "exact_hex": "0x1.4cp+1"}  # fmt: skip
    return {"backend": "numpy", "device": "cpu", "op": "exp", "dtype": "float32", "kind": kind,
            "region": "normal", "worst": witness, **_OF_KIND[kind], **facts}  # fmt: skip
