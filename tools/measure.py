"""Measure releases one after the other, in small units that survive a kill.

A unit is one `asv run` of a part of the benchmarks: about a minute for each release, four minutes
for times. asv saves it when it ends. If the command is stopped, the same command goes on where it
was: what is in the results is not measured again (unless --again), and what failed is tried again.
Errors come first and times last. --interleave N measures times in rounds over N releases, so that a
slow hour of the machine does not count against one release.

A processor's speed differs from day to day. With --together, a time that one of these N releases
lacks is measured again for all of them, so that a difference is due to the release.

--settle measures times once more, at the end, if their processes disagree (quartiles more than a
factor of 1.25 apart). The new samples are added to the old ones and outvote processes that were
disturbed throughout.

examples:
  python -m tools.measure "numpy>=2.0"
  python -m tools.measure ALL -b bench_accuracy -b "track_special_failures.*'sin'"
  python -m tools.measure latest --first-look
  python -m tools.measure numpy -b bench_time -a rounds=16 -a repeat=20
  python -m tools.measure ALL -b bench_time --settle

exit code: 0 everything is measured; 2 something that you can mend; 3 nothing was measured; 4 some
benchmarks failed, the rest is saved; 5 the time of --max-minutes is up, and something is left to
measure; 130 stopped. (1 means "worse": tools.compare.)
"""

from __future__ import annotations

import argparse
import math
import sys
import time

from asv.commands import common_args
from asv.util import UserError

from tools.foundation import interrupts
from tools.foundation.errors import Mendable
from tools.releases import builds
from tools.running import profiles
from tools.running.measuring import MEND, STOPPED, measure


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
    add("range", help="any range of asv's: ALL, latest, newest, numpy-2.4.6, numpy>=2.0, A..B")
    add("-b", "--bench", action="append", metavar="REGEX", help="as in `asv run`: which benchmarks")
    add(
        "--first-look",
        action="store_true",
        help="what `make report` measures (running/profiles.py), with --quick",
    )
    add("--quick", action="store_true", help="as in `asv run`: fewer samples of times")
    add("-a", "--attribute", action="append", default=[], metavar="NAME=VALUE", type=_attribute,
        help="as in `asv run`, repeatable: rounds=4, repeat=20, warmup_time=1, …")  # fmt: skip
    add("--again", action="store_true", help="measure again what is measured already")
    add("--settle", action="store_true", help="then measure once more what processes disagree on")
    add(
        "--interleave", type=int, default=1, metavar="N", help="measure times of N releases in turn"
    )
    add("--together", action="store_true", help="a time that one lacks is measured for all N")
    late = "begin nothing that will not end by then: exit code 5 where there is more"
    add("--max-minutes", type=float, default=math.inf, metavar="N", help=late)
    builds.add_arguments(parser)
    args = parser.parse_args(argv)
    if not args.max_minutes > 0:
        parser.error("--max-minutes takes a number of minutes, more than 0")
    args.until = time.monotonic() + 60 * args.max_minutes
    if args.first_look:
        if args.bench:
            parser.error("--first-look names its benchmarks: leave out --bench")
        args.bench, args.quick = list(profiles.QUICK), True
    if args.interleave < 1:
        parser.error("--interleave takes a number of releases, 1 or more")
    try:
        build = builds.asked(args, args.range)
        args.range = build.name if build else args.range
        with interrupts.as_interrupts():
            return measure(args)
    except (UserError, Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return MEND
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
