"""Measure the errors of a function over every input of a dtype, or search for the worst one.

For one argument of float16, bfloat16 or float32 every input there is is evaluated (65 536 or
4 294 967 296), and the maximum is exact. For float64, and for two arguments, a guided search
within a budget of evaluations finds a lower bound; --all evaluates all pairs of a 16-bit type.

A Record (see benchmarks/accuracy/sweep.py) is written per region of the inputs, to
results/MACHINE/records/RELEASE.jsonl; asv's track_max_ulp_exact and track_max_ulp_search report
them. A sweep can be stopped at any time: the same command goes on where it was. Results with the
same bits as known ones, of whatever release, are not judged again; and where the quick profile says
that this machine gives the bits that were swept on another machine or device, that holds here, too,
and nothing is swept (--again does).

examples:
  python -m tools.sweep numpy-2.4.6 --op sin --dtype float32
  python -m tools.sweep tensorflow-2.21.0 --op exp,log --backend tensorflow-xla
  python -m tools.sweep numpy-2.4.6 --op pow --dtype float64 --budget 1e8 --seed 2
  python -m tools.sweep --recheck numpy-2.4.6/numpy/cpu/sin/float32/exact/normal
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys

from benchmarks import levels, ops
from benchmarks.formats import ulp
from tools.environments.environment import ReleaseUnavailable
from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT
from tools.releases.release_table import ReleaseError, find, load
from tools.results import records, result_bits
from tools.results.machines import check, this_machine
from tools.sweeping.sweep_cache import Blocks
from tools.sweeping.sweeps import DEFAULT_BUDGET, KINDS, Job, exhaustive, guided, recheck
from tools.sweeping.worker_process import Unavailable, WorkerError


def describe(record: dict, release: str) -> str:
    """One Record in a few lines for people."""
    name = "/".join([release, *records.key(record)])
    if not record["worst"]:
        return f"{name}: no inputs"
    bound = "max" if record["kind"] == "exact" else "at least"
    worst = record["worst"]
    given = ", ".join(f"{one['hex']} ({one['decimal']})" for one in worst["input"])
    return (
        f"{name}: {bound} {record['max_ulp']:.6g} ULP at {given}\n"
        f"  got {worst['got']['hex']} ({worst['got']['decimal']}), exact {worst['exact']}\n"
        f"  {record['inputs']} inputs, {_shares(record)}NaN for a number {record['nan_wrong']}, "
        f"number for NaN {record['number_wrong']}, subnormals lost {record['flushed']}"
    )


def _shares(record: dict) -> str:
    if record["mean_ulp"] is None:
        return ""
    return f"{record['misrounded']:.3%} not correctly rounded, mean {record['mean_ulp']:.4g} ULP, "


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.sweep", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("release", nargs="?", help="like numpy-2.4.6, or numpy for its newest")
    add("--op", help="one or several between commas, or `unary`")
    add("--dtype", default="float32", help="one or several of float16, bfloat16, float32, float64")
    add("--backend", help="numpy, tensorflow, tensorflow-xla (default: the library's first)")
    add("--device", default="cpu", choices=levels.DEVICES)
    add("--all", action="store_true", help="all pairs of two 16-bit arguments")
    add("--budget", type=float, default=DEFAULT_BUDGET, help="evaluations of a search")
    add("--seed", type=int, default=1, help="of a search")
    add("--workers", type=int, default=os.cpu_count(), help="processes (default: one per core)")
    add("--again", action="store_true", help="also where the same bits have been swept elsewhere")
    add("--machine", help="as in `asv machine`")
    add("--json", action="store_true", help="print the Records as JSON")
    add("--recheck", metavar="RECORD", help="a Record's name, or a file with one as JSON")
    return parser


def _jobs(args: argparse.Namespace):
    release = find(args.release, load())
    backend = args.backend or release.library
    names = args.op.split(",")
    if args.op == "unary":
        names = [op.name for op in ops.ELEMENTWISE if op.arity == 1]
    for name in names:
        if name not in ops.OPS or not ops.OPS[name].wide:
            raise ReleaseError(f"no elementwise op {name!r}; there are: {', '.join(ops.OPS)}")
        for dtype in args.dtype.split(","):
            if dtype not in ulp.FORMATS:
                raise ReleaseError(f"no dtype {dtype!r}; there are: {', '.join(ulp.FORMATS)}")
            yield Job(release, backend, args.device, name, dtype)


def _sweep(args: argparse.Namespace) -> int:
    blocks = Blocks(ROOT / ".cache" / "sweep.sqlite")
    machine = args.machine or this_machine()
    check(ROOT / "results", machine)
    printed, swept = [], 0
    known: dict[str, list[dict]] = {}
    for job in _jobs(args):
        unary = job.op.arity == 1 and job.format.width <= 32
        # What others swept: this command adds nothing to it, so that it is read once.
        known = known or result_bits.by_machine(ROOT / "results", job.release.name)
        what = job.backend, job.device, job.op.name, job.format.name
        if not args.again and (held := result_bits.held(known, machine, what)):
            swept += 1
            printed += held
            if not args.json:
                where = f"the same bits as on {held[0]['machine']}, {held[0]['device']}"
                print("\n".join(describe(record, job.release.name) for record in held))
                print(f"  held: {where}; --again sweeps them here", flush=True)
            continue
        try:
            if unary or (args.all and job.format.width == 16):
                found = exhaustive(job, blocks, args.workers, quiet=args.json)
            else:
                found = guided(job, int(args.budget), args.seed, quiet=args.json)
        except Unavailable as error:
            print(f"not available: {error}", file=sys.stderr)
            continue
        swept += 1
        records.merge(records.path(ROOT / "results", machine, job.release.name), found)
        printed += found
        if not args.json:
            print("\n".join(describe(record, job.release.name) for record in found), flush=True)
    if args.json:
        print(json.dumps(printed, indent=1, sort_keys=True, allow_nan=False))
    return 0 if swept else 3


def _recheck(name: str, machine: str | None) -> int:
    release, record = records.named(name, ROOT / "results", machine or this_machine())
    if record["kind"] not in KINDS:
        raise ReleaseError(
            f"a Record of kind {record['kind']!r} cannot be checked, only {', '.join(KINDS)}: "
            f"`python -m tools.measure --again -b REGEX {release}` measures it again"
        )
    job = Job(find(release, load()), *(record[key] for key in ("backend", "device", "op", "dtype")))
    wrong = recheck(job, record)
    print(describe(record, release))
    print(
        "\n".join(f"DIFFERS  {line}" for line in wrong) or "holds: same bits, same error, certified"
    )
    return 1 if wrong else 0


def main(argv: list[str] | None = None) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        if args.recheck:
            return _recheck(args.recheck, args.machine)
        if not args.release or not args.op:
            parser.error("name a release and --op (or --recheck RECORD)")
        return _sweep(args)
    except (Mendable, ReleaseUnavailable, WorkerError, OSError, sqlite3.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
