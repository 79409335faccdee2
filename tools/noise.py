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
# What shares a floor: ops and dtypes differ little in it.
GROUP = ("benchmark", "backend", "size", "device")
_QUANTILE = 0.98
_LEAST_FLOOR = 0.01

Key = tuple[str, ...]
# Samples by set (A, B, C, S), and benchmark with its parameters.
Sets = dict[str, dict[Key, list[float]]]


def measure(release: str, ops: str, dtypes: str, options: list[str]) -> Sets:
    """Times by set and benchmark with its parameters: samples of both processes together."""
    chosen = [f"'({'|'.join(names.split())})'" for names in (ops, dtypes)]
    bench = [rf"bench_time\..*track_time\('[a-z-]+', {', '.join(chosen)}"]
    sets: Sets = defaultdict(dict)
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


def floors(sets: Sets) -> dict[Key, float]:
    """The noise floor by group (GROUP), as a relative difference."""
    found = defaultdict(list)
    for key in sets["A"].keys() & sets["B"].keys():
        found[group(key)].append(difference(sets["A"][key], sets["B"][key]))
    return {
        one: max(_LEAST_FLOOR, math.expm1(quantile(values, _QUANTILE)))
        for one, values in found.items()
    }


def group(key: Key) -> Key:
    benchmark, backend, _, _, size, device = key
    return benchmark, backend, size, device


def quantile(values: Iterable[float], share: float) -> float:
    """The smallest of ``values`` that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def changed(sets: Sets, one: str, other: str,
            floor: dict[Key, float]) -> dict[Key, str]:  # fmt: skip
    """The report's verdict for each benchmark of set ``other`` after ``one``."""
    return {
        key: verdict.of_time(_spread(sets[one][key]), _spread(sets[other][key]), floor[group(key)])
        for key in sets[one].keys() & sets[other].keys()
    }


def called_by_asv(a: list[float], b: list[float]) -> bool:
    """Whether `asv compare` would call it a change: beyond its factor of 1.1, and significant."""
    return difference(a, b) > math.log(1.1) and _stats.is_different(a, b, None, None)


def _spread(samples: list[float]) -> tuple[float, float, float]:
    """Median and quarters, as asv has them."""
    low, middle, high = statistics.quantiles(samples, n=4, method="inclusive")
    return middle, low, high


def report(release: str, sets: Sets) -> dict:
    """What :func:`main` prints of one release."""
    floor = floors(sets)
    verdicts = changed(sets, "A", "C", floor)
    by_asv = [called_by_asv(sets["A"][key], sets["C"][key]) for key in verdicts]
    slow = {
        key: found
        for key, found in changed(sets, "A", "S", floor).items()
        if statistics.median(sets["A"][key]) > FOUND_FROM
    }
    return {
        "release": release,
        "floors": [dict(zip(GROUP, key, strict=True), floor=round(floor[key], 4))
                   for key in sorted(floor, key=lambda key: (key[0], key[1], key[3], int(key[2])))],
        "benchmarks": len(verdicts),
        "called_changed": sum(found in ("better", "worse") for found in verdicts.values())
        / len(verdicts),
        "called_changed_by_asv": sum(by_asv) / len(by_asv),
        "slowed_down": len(slow),
        "slow_down_found": sum(found == "worse" for found in slow.values()) / len(slow),
    }  # fmt: skip


def show(found: dict) -> str:
    lines = [f"{found['release']}: noise floor, in per cent"]
    for one in found["floors"]:
        kind = one["benchmark"].split(".")[1]
        place = f"{kind} {one['backend']} {one['device']}"
        lines.append(f"  {place:34} {int(one['size']):>10,} {100 * one['floor']:6.1f}")
    return "\n".join([
        *lines,
        f"  of {found['benchmarks']} benchmarks with nothing changed "
        f"{100 * found['called_changed']:.1f} % called changed (at most 2 %), "
        f"by `asv compare` {100 * found['called_changed_by_asv']:.1f} %",
        f"  of {found['slowed_down']} over {FOUND_FROM * 1e6:g} µs, made slower by "
        f"{100 * SLOWDOWN:g} %, {100 * found['slow_down_found']:.1f} % found (at least 95 %)",
    ])  # fmt: skip


def save(found: dict, results: Path, machine: str) -> None:
    """Keep the floors of these backends in ``noise.jsonl``, the others' as they are."""
    file = results / machine / "noise.jsonl"
    mine = {one["backend"] for one in found["floors"]}
    rows = [row for row in records.load(file) if row["backend"] not in mine]
    for one in found["floors"]:
        size = int(one["size"])
        rows.append({**one, "size": size, "op": None, "dtype": None, "release": found["release"]})
    records.write(file, "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.noise", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("release", nargs="+", help="like numpy-2.4.6")
    parser.add_argument("--op", default=DEFAULT_OPS, help="between spaces (default: %(default)s)")
    parser.add_argument("--dtype", default=DEFAULT_DTYPES, help="(default: %(default)s)")
    parser.add_argument("-a", action="append", default=[], metavar="NAME=VALUE",
                        help="asv's attributes, like repeat=20")  # fmt: skip
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dry-run", action="store_true", help="leave noise.jsonl as it is")
    args = parser.parse_args(argv)
    options = [word for pair in args.a for word in ("-a", pair)]
    try:
        releases = [find(name, load()).name for name in args.release]
        machine = records.this_machine()
        found = []
        for release in releases:
            found.append(report(release, measure(release, args.op, args.dtype, options)))
            if not args.dry_run:
                save(found[-1], ROOT / "results", machine)
    except (ReleaseError, ReleaseUnavailable, apart.RunFailed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=1) if args.json else "\n".join(map(show, found)))
    held = all(one["called_changed"] < 0.02 and one["slow_down_found"] >= 0.95 for one in found)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
