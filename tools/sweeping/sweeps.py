"""One function of one release: swept over all its inputs, searched, or looked at again."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from benchmarks import ops
from benchmarks.accuracy import error_stats
from benchmarks.accuracy import sweep as judge
from benchmarks.formats import ulp
from benchmarks.inputs import hard, input_sets
from tools.environments.environment import ensure
from tools.foundation.paths import ROOT
from tools.releases.release_table import Release
from tools.results import records
from tools.sweeping.sweep_cache import Blocks
from tools.sweeping.worker_process import Worker

DEFAULT_BUDGET = 1 << 24
KINDS = ("exact", "sample", "search")
"""Of Records that have a largest error and the input that gave it."""
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

    def records(self, tallies: dict[str, error_stats.Tally], **facts) -> list[dict]:
        what = {"backend": self.backend, "device": self.device, "op": self.op.name}
        what |= {"dtype": self.format.name, **facts}
        return [
            judge.record(self.op, self.format, found, region, what)
            for region, found in tallies.items()
        ]


def exhaustive(job: Job, blocks: Blocks, workers: int, quiet: bool = False) -> list[dict]:
    """Records over all inputs. Raises WorkerError; goes on where an earlier call was stopped."""
    started = time.monotonic()
    total = input_sets.exhaustive_blocks(job.op, job.format)
    before = blocks.done(job.name)
    hashes, judged = _walk(job, blocks, workers, total, before, quiet)
    tallies = {region: error_stats.Tally() for region in error_stats.REGIONS}
    for block in range(total):  # in this order, on which the last digits of the mean depend
        for region, plain in judged[block]["tallies"].items():
            tallies[region].merge(error_stats.Tally(plain))
    sample = np.linspace(0, total - 1, min(total, _FILTER_BLOCKS)).astype(int).tolist()
    with job.worker() as worker:
        filter_ulp = worker.ask("filter", indices=sample)["filter_ulp"]
    wrong_way = [known["neighbours"]["wrong"] for known in judged.values() if known["neighbours"]]
    found = job.records(
        tallies,
        kind="exact",
        filter_ulp=filter_ulp,
        results=judge.hash_of_all(hashes[i] for i in range(total)),
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
    size = min(input_sets.EXHAUSTIVE_BLOCK, 1 << job.format.width * job.op.arity)
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
    """Records of a guided search (accuracy/search.py); keeps the worst input as a hard one."""
    started = time.monotonic()
    known = _worth_a_look(job)
    options = {"budget": budget, "seed": seed, "hard": known}
    bar = tqdm(total=budget, unit=" inputs", unit_scale=True, desc=job.name,
               disable=quiet, mininterval=_INTERVAL)  # fmt: skip
    with bar, job.worker() as worker:
        answer = worker.search(lambda done: bar.update(done - bar.n), **options)
    tallies = {region: error_stats.Tally(plain) for region, plain in answer["tallies"].items()}
    seconds = round(time.monotonic() - started, 1)
    options.pop("hard")
    found = job.records(tallies, kind="search", filter_ulp=answer["filter_ulp"], seconds=seconds,
                        known=len(known), **options)  # fmt: skip
    for record in found:
        record["mean_ulp"] = record["misrounded"] = record["within"] = None
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
            if mine and record["kind"] in KINDS and record["worst"]:
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
