"""Measure releases in small units that survive a kill (tools/measure.py says how)."""

from __future__ import annotations

import math
import sys
import time
from argparse import Namespace
from functools import partial
from pathlib import Path

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.util import UserError
from tqdm import tqdm

from tools.foundation import safe_files, temporary
from tools.foundation.paths import ROOT
from tools.releases.release_table import Release, load, select
from tools.results import completeness
from tools.results.machines import this_machine
from tools.running import scheduler
from tools.running.asv_process import Driver

DONE, MEND, NOTHING, FAILED, TIME_UP, STOPPED = 0, 2, 3, 4, 5, 130
LEAST_SECONDS = 120.0
"""A unit is begun that long before the time is up, at least: the first of a kind are guesses."""


def measure(args: Namespace) -> int:
    """Measure what ``args`` ask for; returns the exit code.

    Raises UserError, Mendable or OSError, in one line, where going on is no use.
    """
    conf = Config.load(str(ROOT / "asv.conf.json"))
    conf.results_dir, conf.env_dir = str(ROOT / conf.results_dir), str(ROOT / conf.env_dir)
    chosen = select("" if args.range == "ALL" else args.range, load())
    machine = this_machine()
    folder = Path(conf.results_dir, machine)
    hold = partial(safe_files.hold, folder / safe_files.LOCK, "tools.measure")
    with temporary.reclaim(hold) as lock, temporary.folder() as tmpdir:
        try:
            safe_files.sweep_up(folder.parent)
            driver = Driver(folder, Path(conf.env_dir), lock.fileno(), tmpdir)
            numbers = left = 0
            if driver.discover(chosen):
                benchmarks = Benchmarks.load(conf, regex=args.bench)
                if not benchmarks:
                    raise UserError(f"no benchmark matches {' or '.join(args.bench)}")
                numbers, left = _drive(driver, chosen, benchmarks, args)
        finally:
            temporary.end(Path(tmpdir))  # asv does not end its fork server, nor that its processes
    return _report(driver, numbers, left)


def _drive(driver: Driver, chosen: list[Release], benchmarks: Benchmarks, args) -> tuple[int, int]:
    """How many numbers there are, in the end, of what is asked for; how many parts are left."""
    wanted = _wanted(benchmarks)
    lacking = {}
    for release in chosen:
        try:
            lacking[release] = _lacking(driver, release, benchmarks, wanted, args)
        except UserError as error:
            driver.failures.append(f"left out: {release.name}: {error}")
    plan = scheduler.stages(lacking, benchmarks, args.interleave, args.together)
    left = _walk(driver, plan, benchmarks, args)
    if args.settle and not left:
        again = {one: _unsettled(driver, one, benchmarks, wanted) for one in lacking}
        plan = scheduler.stages(again, benchmarks)
        left = _walk(driver, plan, benchmarks, args, "--append-samples")
    numbers = sum(
        value is not None and not math.isnan(value)
        for release in lacking
        for name, found in driver.results(release, benchmarks).items()
        for one, value in found.items()
        if one in wanted[name]
    )
    return numbers, left


def _lacking(
    driver: Driver, release: Release, benchmarks: Benchmarks, wanted: scheduler.Missing, args
) -> scheduler.Missing:
    """What is to be measured of ``wanted``. Raises UserError."""
    has = driver.results(release, benchmarks)
    found = {}
    for name, mine in wanted.items():
        params = completeness.of_library(benchmarks[name]["params"], release.library)
        mine = mine.intersection(completeness.combinations(params))
        found[name] = {one for one in mine if args.again or has.get(name, {}).get(one) is None}
    return found


def _unsettled(
    driver: Driver, release: Release, benchmarks: Benchmarks, wanted: scheduler.Missing
) -> scheduler.Missing:
    """Of ``wanted`` the times whose processes disagree."""
    found = driver.results(release, benchmarks, completeness.unsettled)
    return {name: mine & found.get(name, set()) for name, mine in wanted.items()}


def _wanted(benchmarks: Benchmarks) -> scheduler.Missing:
    found = {}
    for name, benchmark in benchmarks.items():
        every = completeness.combinations(benchmark["params"])
        places = benchmarks.benchmark_selection[name]
        found[name] = set(every) if places is None else {every[place] for place in places}
    return found


def _walk(
    driver: Driver, plan: list[scheduler.Stage], benchmarks: Benchmarks, args, *options: str
) -> int:
    """Measure what is planned; returns how many parts are left, the time being up."""
    pace = scheduler.Pace(scheduler.QUICK_GUESS_SECONDS if args.quick else scheduler.GUESS_SECONDS)
    total = sum(len(stage.parts) for stage in plan)
    with tqdm(total=total, unit="part", smoothing=0, disable=not total) as bar:
        for stage in plan:
            while stage.parts:
                unit = pace.take(stage)
                if time.monotonic() + max(LEAST_SECONDS, pace.seconds(stage, unit)) > args.until:
                    return sum(len(stage.parts) for stage in plan)
                names = " ".join(release.name for release in stage.releases)
                bar.set_description(f"{names} {unit[0].group} {unit[0].op}".rstrip())
                started = time.monotonic()
                asked = [*options, *_options(stage, args)]
                if driver.run(stage.releases, unit, benchmarks, *asked):
                    pace.learn(stage, unit, time.monotonic() - started)
                del stage.parts[: len(unit)]
                bar.update(len(unit))
    return 0


def _options(stage: scheduler.Stage, args) -> list[str]:
    """Of `asv run`. Rounds are of times: what is computed would be computed as often."""
    handed = [pair for pair in args.attribute if stage.times or not pair.startswith("rounds=")]
    quick = ["--quick"] if args.quick else []
    return [*quick, *(word for pair in handed for word in ("-a", pair))]


def _report(driver: Driver, numbers: int, left: int) -> int:
    """Say how it went; returns the exit code."""
    for line in driver.failures:
        print(line, file=sys.stderr)
    if left:
        more = f"{left} parts are left: the same command goes on with them"
        print(f"{numbers} numbers are in the results; the time is up, {more}", file=sys.stderr)
        return TIME_UP
    if not numbers:
        why = "see above" if driver.failures else "no release can run what was asked for"
        print(f"error: nothing was measured: {why}", file=sys.stderr)
        return NOTHING
    print(f"{numbers} numbers are in the results")
    if driver.failures:
        failed = f"{len(driver.failures)} failed, see above; what asv said is in {driver.log}"
        print(f"error: {failed}", file=sys.stderr)
        return FAILED
    return DONE
