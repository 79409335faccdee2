"""Measure releases, one after the other, in small units that survive a kill.

A unit is one `asv run` of a part of the benchmarks, about a minute of each release (four of times);
asv saves it when it ends. Whatever stops this, the same command goes on where it was: what is in
the results is not measured again (unless --again), what failed is tried again. Accuracy comes
first, times last: with --interleave N in rounds over N releases at a time, so that a machine's slow
hour is not held against one release.

A processor's speed differs from day to day: with --together a time that one of the releases in
turn lacks is taken of all of them anew, so that what differs is the release's.

--settle takes those times once more, at the end, whose processes disagree (quartiles further apart
than 1.25). The new samples are kept beside the old ones: processes that were disturbed all along
are outvoted then.

examples:
  python -m tools.measure "numpy>=2.0"
  python -m tools.measure ALL -b bench_accuracy -b "track_special_failures.*'sin'"
  python -m tools.measure latest --first-look
  python -m tools.measure numpy -b bench_time -a rounds=16 -a repeat=20
  python -m tools.measure ALL -b bench_time --settle

exit code: 0 all is measured; 2 something that you can mend; 3 nothing was measured; 4 some of it
failed, the rest is saved; 5 the time of --max-minutes is up, and there is more to measure; 130
stopped. (1 is for "worse": tools.compare.)
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from functools import partial
from pathlib import Path

from asv.benchmarks import Benchmarks
from asv.commands import common_args
from asv.config import Config
from asv.util import UserError
from tqdm import tqdm

from . import coverage, files, profiles, scratch, signals, units
from .driver import Driver
from .errors import Mendable
from .machine import this_machine
from .releases import Release, load, select
from .workers import ROOT

DONE, MEND, NOTHING, FAILED, TIME_UP, STOPPED = 0, 2, 3, 4, 5, 130
LEAST_SECONDS = 120.0
"""A unit is begun that long before the time is up, at least: the first of a kind are guesses."""


def measure(args: argparse.Namespace) -> int:
    """Measure what ``args`` ask for; returns the exit code.

    Raises UserError, Mendable or OSError, in one line, where going on is no use.
    """
    conf = Config.load(str(ROOT / "asv.conf.json"))
    conf.results_dir, conf.env_dir = str(ROOT / conf.results_dir), str(ROOT / conf.env_dir)
    chosen = select("" if args.range == "ALL" else args.range, load())
    machine = this_machine()
    folder = Path(conf.results_dir, machine)
    hold = partial(files.hold, folder / files.LOCK, "tools.measure")
    with scratch.reclaim(hold) as lock, scratch.folder() as tmpdir:
        try:
            files.sweep_up(folder.parent)
            driver = Driver(folder, Path(conf.env_dir), lock.fileno(), tmpdir)
            numbers = 0
            if driver.discover(chosen):
                benchmarks = Benchmarks.load(conf, regex=args.bench)
                if not benchmarks:
                    raise UserError(f"no benchmark matches {' or '.join(args.bench)}")
                numbers = _drive(driver, chosen, benchmarks, args)
        finally:
            scratch.end(Path(tmpdir))  # asv does not end its fork server, nor that its processes
    return _report(driver, numbers, args)


def _drive(driver: Driver, chosen: list[Release], benchmarks: Benchmarks, args) -> int:
    """How many numbers there are, in the end, of what is asked for."""
    wanted = _wanted(benchmarks)
    lacking = {}
    for release in chosen:
        try:
            lacking[release] = _lacking(driver, release, benchmarks, wanted, args)
        except UserError as error:
            driver.failures.append(f"left out: {release.name}: {error}")
    plan = units.stages(lacking, benchmarks, args.interleave, args.together)
    whole = _walk(driver, plan, benchmarks, args)
    if args.settle and whole:
        again = {one: _unsettled(driver, one, benchmarks, wanted) for one in lacking}
        _walk(driver, units.stages(again, benchmarks), benchmarks, args, "--append-samples")
    return sum(
        value is not None and not math.isnan(value)
        for release in lacking
        for name, found in driver.results(release, benchmarks).items()
        for one, value in found.items()
        if one in wanted[name]
    )


def _lacking(
    driver: Driver, release: Release, benchmarks: Benchmarks, wanted: units.Missing, args
) -> units.Missing:
    """What is to be measured of ``wanted``. Raises UserError."""
    has = driver.results(release, benchmarks)
    return {
        name: {one for one in mine if args.again or has.get(name, {}).get(one) is None}
        for name, mine in wanted.items()
    }


def _unsettled(
    driver: Driver, release: Release, benchmarks: Benchmarks, wanted: units.Missing
) -> units.Missing:
    """Of ``wanted`` the times whose processes disagree."""
    found = driver.results(release, benchmarks, coverage.unsettled)
    return {name: mine & found.get(name, set()) for name, mine in wanted.items()}


def _wanted(benchmarks: Benchmarks) -> units.Missing:
    found = {}
    for name, benchmark in benchmarks.items():
        every = coverage.combinations(benchmark["params"])
        places = benchmarks.benchmark_selection[name]
        found[name] = set(every) if places is None else {every[place] for place in places}
    return found


def _walk(
    driver: Driver, plan: list[units.Stage], benchmarks: Benchmarks, args, *options: str
) -> bool:
    """Measure what is planned; False where the time was up before."""
    pace = units.Pace(units.QUICK_GUESS_SECONDS if args.quick else units.GUESS_SECONDS)
    total = sum(len(stage.parts) for stage in plan)
    with tqdm(total=total, unit="part", smoothing=0, disable=not total) as bar:
        for stage in plan:
            while stage.parts:
                unit = pace.take(stage)
                if time.monotonic() + max(LEAST_SECONDS, pace.seconds(stage, unit)) > args.until:
                    args.left = sum(len(stage.parts) for stage in plan)
                    return False
                names = " ".join(release.name for release in stage.releases)
                bar.set_description(f"{names} {unit[0].group} {unit[0].op}".rstrip())
                started = time.monotonic()
                asked = [*options, *_options(stage, args)]
                if driver.run(stage.releases, unit, benchmarks, *asked):
                    pace.learn(stage, unit, time.monotonic() - started)
                del stage.parts[: len(unit)]
                bar.update(len(unit))
    return True


def _options(stage: units.Stage, args) -> list[str]:
    """Of `asv run`. Rounds are of times: what is computed would be computed as often."""
    handed = [pair for pair in args.attribute if stage.times or not pair.startswith("rounds=")]
    quick = ["--quick"] if args.quick else []
    return [*quick, *(word for pair in handed for word in ("-a", pair))]


def _report(driver: Driver, numbers: int, args) -> int:
    """Say how it went; returns the exit code."""
    for line in driver.failures:
        print(line, file=sys.stderr)
    if args.left:
        more = f"{args.left} parts are left: the same command goes on with them"
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


def _attribute(text: str) -> str:
    """``text`` as it is. Raises argparse's ArgumentError where asv would, in every unit."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    common_args.add_bench(parser)
    parser.parse_args(["--attribute", text])
    return text


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.measure", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("range", help="any range of asv's: ALL, latest, numpy-2.4.6, numpy>=2.0, A..B")
    add("-b", "--bench", action="append", metavar="REGEX", help="as in `asv run`: which benchmarks")
    add(
        "--first-look",
        action="store_true",
        help="the quick profile (tools/profiles.py): the benchmarks of `make report`, and --quick",
    )
    add("--quick", action="store_true", help="as in `asv run`: fewer samples of times")
    add("-a", "--attribute", action="append", default=[], metavar="NAME=VALUE", type=_attribute,
        help="as in `asv run`, repeatable: rounds=4, repeat=20, warmup_time=1, …")  # fmt: skip
    add("--again", action="store_true", help="measure what is measured already, too")
    add("--settle", action="store_true", help="then times whose processes disagree, once more")
    add("--interleave", type=int, default=1, metavar="N", help="times of N releases at a time")
    add("--together", action="store_true", help="take a time that one lacks of all in turn")
    late = "begin nothing that will not end by then: exit code 5 where there is more"
    add("--max-minutes", type=float, default=math.inf, metavar="N", help=late)
    args = parser.parse_args(argv)
    if not args.max_minutes > 0:
        parser.error("--max-minutes takes a number of minutes, more than 0")
    args.until, args.left = time.monotonic() + 60 * args.max_minutes, 0
    if args.first_look:
        if args.bench:
            parser.error("--first-look names its benchmarks: leave out --bench")
        args.bench, args.quick = list(profiles.QUICK), True
    if args.interleave < 1:
        parser.error("--interleave takes a number of releases, 1 or more")
    try:
        with signals.as_interrupts():
            return measure(args)
    except (UserError, Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return MEND
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
