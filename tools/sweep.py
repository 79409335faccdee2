"""Measure the errors of a function over every input of a dtype, or search for the worst one.

For one argument of float16, bfloat16 or float32 every input there is is evaluated (65 536 or
4 294 967 296), and the maximum is exact. For float64, and for two arguments, a guided search
within a budget of evaluations finds a lower bound; --all evaluates all pairs of a 16-bit type.

A Record (see benchmarks/sweep.py) is written per region of the inputs, to
results/MACHINE/records/RELEASE.jsonl; asv's track_max_ulp_exact and track_max_ulp_search report
them. A sweep can be stopped at any time: the same command goes on where it was. Results with the
same bits as known ones, of whatever release, are not judged again.

examples:
  python -m tools.sweep numpy-2.4.6 --op sin --dtype float32
  python -m tools.sweep tensorflow-2.21.0 --op exp,log --backend tensorflow-xla
  python -m tools.sweep numpy-2.4.6 --op pow --dtype float64 --budget 1e8 --seed 2
  python -m tools.sweep --recheck numpy-2.4.6/numpy/cpu/sin/float32/exact/normal
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from benchmarks import hard, inputs, ops, tally, ulp
from benchmarks import sweep as judge

from . import records
from .blocks import Blocks
from .environments import ReleaseUnavailable, ensure
from .releases import Release, ReleaseError, find, load
from .workers import ROOT, Unavailable, Worker, WorkerError

DEFAULT_BUDGET = 1 << 24
_FILTER_BLOCKS = 16
# Seconds between two states of the bar: a log gets few of them.
_INTERVAL = 0.5 if sys.stderr.isatty() else 30


class Job:
    """One function to sweep: an op of a backend of a release, on a device, for a dtype."""

    def __init__(self, release: Release, backend: str, device: str, op: str, dtype: str):
        self.release, self.backend, self.device = release, backend, device
        self.op, self.format = ops.OPS[op], ulp.FORMATS[dtype]
        self.environment = ensure(release, ROOT / "env")

    @property
    def function(self) -> str:
        return f"{self.op.name} {self.format.name}"

    @property
    def name(self) -> str:
        return f"{self.release.name} {self.backend} {self.device} {self.function}"

    def worker(self) -> Worker:
        return Worker(self.environment, self.release, self.backend, self.device,
                      self.op.name, self.format.name)  # fmt: skip

    def records(self, tallies: dict[str, tally.Tally], **facts) -> list[dict]:
        what = {"backend": self.backend, "device": self.device, "op": self.op.name}
        what |= {"dtype": self.format.name, **facts}
        return [
            judge.record(self.op, self.format, found, region, what)
            for region, found in tallies.items()
        ]


def exhaustive(job: Job, blocks: Blocks, workers: int, quiet: bool = False) -> list[dict]:
    """Records over all inputs. Raises WorkerError; goes on where an earlier call was stopped."""
    started = time.monotonic()
    total = inputs.exhaustive_blocks(job.op, job.format)
    before = blocks.done(job.name)
    hashes, judged = _walk(job, blocks, workers, total, before, quiet)
    tallies = {region: tally.Tally() for region in tally.REGIONS}
    for block in range(total):  # in this order, on which the last digits of the mean depend
        for region, plain in judged[block]["tallies"].items():
            tallies[region].merge(tally.Tally(plain))
    sample = np.linspace(0, total - 1, min(total, _FILTER_BLOCKS)).astype(int).tolist()
    with job.worker() as worker:
        filter_ulp = worker.ask("filter", indices=sample)["filter_ulp"]
    digest = hashlib.sha1("".join(hashes[i] for i in range(total)).encode(), usedforsecurity=False)
    wrong_way = [known["neighbours"]["wrong"] for known in judged.values() if known["neighbours"]]
    found = job.records(
        tallies,
        kind="exact",
        filter_ulp=filter_ulp,
        results=digest.hexdigest(),
        nonmonotonic=sum(wrong_way) if wrong_way else None,
        seconds=round(time.monotonic() - started, 1),
        resumed=len(before),
    )
    blocks.finished(job.name)
    return found


def _walk(job: Job, blocks: Blocks, workers: int, total: int, before: dict[int, str], quiet: bool):
    """Hash and errors of every block by its number, from ``workers`` processes at once."""
    hashes: dict[int, str] = {}
    judged: dict[int, dict] = {}
    todo, lock, stop = iter(_units(job, total)), threading.Lock(), threading.Event()
    size = min(inputs.EXHAUSTIVE_BLOCK, 1 << job.format.width * job.op.arity)
    bar = tqdm(total=total * size, unit=" inputs", unit_scale=True, desc=job.name,
               disable=quiet, mininterval=_INTERVAL)  # fmt: skip

    def take() -> list[int]:
        with lock:
            return [] if stop.is_set() else next(todo, [])

    def work() -> None:
        try:
            with job.worker() as worker:
                for block, hash, known in _judged(job, blocks, worker, take, before):
                    with lock:
                        hashes[block], judged[block] = hash, known
                        bar.update(size)
        except BaseException:
            stop.set()
            raise

    with bar, ThreadPoolExecutor(workers) as pool:
        threads = [pool.submit(work) for _ in range(min(workers, total))]
        try:
            for thread in threads:
                thread.result()
        except BaseException:
            stop.set()
            raise
    return hashes, judged


def _units(job: Job, total: int) -> list[list[int]]:
    """What a worker takes at a time: a block, of an odd or even function with its mirror image."""
    half = total // 2
    if not job.op.parity or not half:
        return [[block] for block in range(total)]
    return [[block, block + half] for block in range(half)]


def _judged(job: Job, blocks: Blocks, worker: Worker, take, hashes: dict[int, str]):
    """Block, hash of its results, and what a worker says of them, for all blocks that there are to
    take. The worker is given the next unit before the answers for the last are looked at."""
    asked: list[int] = []

    def answers(count: int):
        for block in [asked.pop(0) for _ in range(count)]:
            answer = worker.read()
            hash = answer.pop("hash")
            if answer:
                for plain in answer["tallies"].values():
                    plain["candidates"] = plain["candidates"][:4]
                blocks.put(job.function, block, hash, answer)
            blocks.reached(job.name, block, hash)
            yield block, hash, answer or blocks.get(job.function, block, hash)

    while unit := take():
        ahead = len(asked)
        for block in unit:
            done = hashes.get(block)
            known = done and blocks.get(job.function, block, done)
            if known:
                yield block, done, known
            else:
                worker.send("block", index=block, known=blocks.hashes(job.function, block))
                asked.append(block)
        yield from answers(ahead)
    yield from answers(len(asked))


def guided(job: Job, budget: int, seed: int, quiet: bool = False) -> list[dict]:
    """Records of a guided search (benchmarks/search.py); keeps the worst input as a hard one."""
    started = time.monotonic()
    known = _worth_a_look(job)
    options = {"budget": budget, "seed": seed, "hard": known}
    bar = tqdm(total=budget, unit=" inputs", unit_scale=True, desc=job.name,
               disable=quiet, mininterval=_INTERVAL)  # fmt: skip
    with bar, job.worker() as worker:
        answer = worker.search(lambda done: bar.update(done - bar.n), **options)
    tallies = {region: tally.Tally(plain) for region, plain in answer["tallies"].items()}
    seconds = round(time.monotonic() - started, 1)
    options.pop("hard")
    found = job.records(tallies, kind="search", filter_ulp=answer["filter_ulp"], seconds=seconds,
                        known=len(known), **options)  # fmt: skip
    for record in found:
        record["mean_ulp"] = record["misrounded"] = None
        if record["region"] == "normal" and record["worst"]:
            bits = [int(one["bits"], 16) for one in record["worst"]["input"]]
            origin = f"{record['max_ulp']:.4f} ULP in {job.release.name} {job.backend}, search"
            hard.add(job.op.name, job.format, bits, origin)
    return found


def _worth_a_look(job: Job) -> list[list[int]]:
    """Hard inputs, and the worst ones of every other release and backend that has Records."""
    found = hard.load(job.op.name, job.format)
    for file in sorted((ROOT / "results").glob("*/records/*.jsonl")):
        for record in records.load(file):
            mine = (record["op"], record["dtype"]) == (job.op.name, job.format.name)
            if mine and record["kind"] in ("sample", "exact", "search") and record["worst"]:
                bits = [int(one["bits"], 16) for one in record["worst"]["input"]]
                if bits not in found:
                    found.append(bits)
    return found


def recheck(job: Job, record: dict) -> list[str]:
    """Run a Record's worst input again and certify it; returns what does not agree."""
    worst = record["worst"]
    arguments = [int(one["bits"], 16) for one in worst["input"]]
    with job.worker() as worker:
        got = worker.ask("points", arguments=[[bits] * 64 for bits in arguments])["got"]
    error, exact = judge.reference.certify(job.op, arguments, got[0], job.format)
    again = judge.witness(arguments, got[0], exact, job.format)
    wrong = [
        f"{key}: {worst[key]} then, {again[key]} now" for key in worst if worst[key] != again[key]
    ]
    if len(set(got)) > 1:
        wrong.append(f"the result depends on the place in the array: {sorted(set(got))}")
    if error != record["max_ulp"]:
        wrong.append(f"max_ulp: {record['max_ulp']} then, {error} now")
    return wrong


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
    add("--device", default="cpu", choices=["cpu", "cpu-1", "gpu"])
    add("--all", action="store_true", help="all pairs of two 16-bit arguments")
    add("--budget", type=float, default=DEFAULT_BUDGET, help="evaluations of a search")
    add("--seed", type=int, default=1, help="of a search")
    add("--workers", type=int, default=os.cpu_count(), help="processes (default: one per core)")
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
    machine = args.machine or records.this_machine()
    printed, swept = [], 0
    for job in _jobs(args):
        unary = job.op.arity == 1 and job.format.width <= 32
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
    release, record = records.named(name, ROOT / "results", machine or records.this_machine())
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
    except (ReleaseError, ReleaseUnavailable, WorkerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
