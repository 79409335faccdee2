"""How much a time differs where nothing has changed: a release against itself.

``python -m tools.noise numpy-2.4.6 tensorflow-2.21.0`` measures each release three times over (A, B
and C: two processes each, in the order A B C C B A, as interleaved rounds do) and prints, by
backend, device and size, the noise floor: what A and B differ by. Of C, which had no part in the
floor, it says how often its difference from A would be called a change, by the report's verdict
(tools/verdict.py) and by `asv compare`. A fourth set is measured with each call slowed down by 10 %
on purpose: how often is that found?

The floor goes to ``results/MACHINE/noise.jsonl``, where the report takes its thresholds from.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from asv import _stats
from tqdm import tqdm

from . import apart, records, verdict
from .environments import ReleaseUnavailable
from .releases import ReleaseError, find, load
from .workers import ROOT

DEFAULT_OPS = "sqrt exp log sin tanh add multiply pow sum mean max matmul"
DEFAULT_DTYPES = "float32 float64"
SLOWDOWN = 0.1
# Below, the wrapper that slows a call down costs a share of the call itself.
FOUND_FROM = 10e-6
_ORDER = "ABCSSCBA"
# Sets of parameters that share a floor: what a time is noisy by is how long it takes and who runs it.
GROUP = ("backend", "size", "device")
_QUANTILE = 0.98
_LEAST_FLOOR = 0.01

Key = tuple[str, ...]


def measure(release: str, ops: str, dtypes: str, options: list[str]) -> dict[str, dict[Key, dict]]:
    """Times by set and benchmark with its parameters: samples of both processes together."""
    chosen = [f"'({'|'.join(names.split())})'" for names in (ops, dtypes)]
    bench = [rf"bench_time\..*track_time\('[a-z-]+', {', '.join(chosen)}"]
    sets: dict[str, dict[Key, dict]] = defaultdict(dict)
    for name in tqdm(_ORDER, desc=release, unit="pass"):
        slow = {"ULPWATCH_SLOWDOWN": str(SLOWDOWN)} if name == "S" else {}
        with tempfile.TemporaryDirectory() as folder:
            apart.run(Path(folder), release, bench, "-a", "rounds=1", *options, environment=slow)
            for key, time in apart.times(Path(folder)).items():
                sets[name].setdefault(key, []).extend(time["samples"])
    return sets


def difference(a: list[float], b: list[float]) -> float:
    """|ln| of the ratio of the medians: 0.05 is 5 %, either way."""
    return abs(math.log(statistics.median(a) / statistics.median(b)))


def floors(sets: dict[str, dict[Key, list[float]]]) -> dict[Key, float]:
    """The noise floor by group (GROUP), as a relative difference."""
    found = defaultdict(list)
    for key in sets["A"].keys() & sets["B"].keys():
        found[group(key)].append(difference(sets["A"][key], sets["B"][key]))
    return {
        one: max(_LEAST_FLOOR, math.expm1(quantile(values, _QUANTILE)))
        for one, values in found.items()
    }


def group(key: Key) -> Key:
    _, backend, _, _, size, device = key
    return backend, size, device


def quantile(values: Iterable[float], share: float) -> float:
    """The smallest of ``values`` that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
