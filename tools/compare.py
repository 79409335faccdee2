"""Two releases side by side, or two libraries: what got worse, what got better.

examples:
  python -m tools.compare numpy==1.24.4 numpy==1.25.2
  python -m tools.compare numpy tensorflow --metric accuracy --op sin,cos --dtype float32
  python -m tools.compare numpy-2.3.5 numpy-2.4.6 --measure --op exp --fail-on worse
  python -m tools.compare numpy==1.18.5 numpy==1.19.5 --metric instructions --functions

exit code: 0; 1 with --fail-on worse where something is; 2 something that you can mend (a file that
cannot be read is skipped, and this is the exit code then); 3 nothing could be compared.

--format json prints
  {"version": 1,
   "before": {"library", "version", "date", "python"}, "after": the same, date being the day of
             upload, python the one that it was measured on, like "3.12"; null: not known,
   "machine": asv's name, "why": why the numbers are of that one,
   "notes": [what a reader should know, in sentences],
   "rows": [...]}
with a row for each number that one of the two has, worse ones first, largest ratio first:
  metric, unit         like "max_ulp", "ulp"; "time", "seconds"
  op, dtype, device, region, size, variant
                       of what; null where the metric is not by that
  backend              of two libraries, the one that is not NumPy
  before_backend, after_backend
  before, after        numbers, null where there is none
  ratio                after/before; null where one is missing or before is 0
  verdict              worse, better, same, noise, new, gone, unavailable (tools/judging/verdict.py)
  floor                the noise floor of a time, as a relative difference; null: compared exactly
  assumed              whether that floor is an assumption: tools.noise has not measured it here
  bound                of a largest error: "exact" or "lower bound", else null
  note                 on which side it is unavailable or failed, and why; with --functions, of
                       instructions, what an element takes and which functions take it; else null
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys

import polars as pl

from tools.foundation.errors import Mendable
from tools.foundation.paths import RESULTS, ROOT
from tools.judging import comparison, comparison_text
from tools.judging.comparison import Incomparable
from tools.releases import builds
from tools.releases.release_table import Release, ReleaseError, find, load
from tools.results import asv_results, history
from tools.results.machines import name_here, this_machine

OK, WORSE, MEND, NOTHING = 0, 1, 2, 3
_KINDS = {"seconds": "speed", "bytes": "speed", "instructions": "instructions"}
"""What --metric calls numbers of these units; all others are of accuracy."""
_FILTERS = ("op", "dtype", "device")
_FORMATS = {
    "table": comparison_text.table,
    "markdown": comparison_text.markdown,
    "json": comparison.as_json,
}


def select(table: pl.DataFrame, args: argparse.Namespace) -> pl.DataFrame:
    """The rows that the options ask for."""
    if args.metric != "all":
        kind = pl.col("unit").replace_strict(_KINDS, default="accuracy", return_dtype=pl.String)
        table = table.filter(kind == args.metric)
    for name in _FILTERS:
        if getattr(args, name):
            table = table.filter(pl.col(name).is_in(getattr(args, name)))
    return table


def _check_filters(args: argparse.Namespace, benchmarks: dict[str, dict]) -> None:
    """Raises ReleaseError for a name that no benchmark has."""
    for name in _FILTERS:
        known = {
            value.strip("'")
            for benchmark in benchmarks.values()
            for param, values in zip(benchmark["param_names"], benchmark["params"], strict=True)
            for value in values
            if param == name
        }
        if unknown := [value for value in getattr(args, name) if value not in known]:
            raise ReleaseError(f"no {name} {unknown[0]!r}: there are {', '.join(sorted(known))}")


def measure(before: Release, after: Release, regexes: list[str], machine: str | None) -> str:
    """Measure what is missing; returns the machine. Raises ReleaseError where that cannot be."""
    here = this_machine()
    if machine not in (None, here):
        raise ReleaseError(f"this machine is {here!r}: --measure cannot measure on {machine!r}")
    bench = [word for regex in regexes for word in ("--bench", regex)]
    # Its progress goes to stderr: stdout is the comparison's.
    command = [sys.executable, "-m", "tools.measure", *bench, f"{before.name} {after.name}"]
    code = subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode
    if code not in (0, 3, 4):  # nothing, or some of it failed: what there is can be compared
        raise ReleaseError("the measurement was not done: see above")
    return here


def regexes(benchmarks: dict[str, dict], args: argparse.Namespace) -> list[str]:
    """What makes asv select the benchmarks and parameters that the options ask for."""
    found = []
    for name, benchmark in benchmarks.items():
        kind = _KINDS.get(benchmark["unit"], "accuracy")
        wanted = {option: getattr(args, option) for option in _FILTERS if getattr(args, option)}
        if args.metric not in ("all", kind):
            continue
        if not wanted.keys() <= set(benchmark["param_names"]):
            continue
        params = [
            f"'({'|'.join(map(re.escape, wanted[param]))})'" if param in wanted else ".*"
            for param in benchmark["param_names"]
        ]
        found.append(f"^{re.escape(name)}" + (rf"\({', '.join(params)}\)$" if params else "$"))
    return found


def run(args: argparse.Namespace) -> int:
    """Raises Mendable, OSError, Incomparable."""
    build = builds.asked(args, args.after)
    args.after = build.name if build else args.after
    table_of_releases = load()
    before, after = (find(name, table_of_releases) for name in (args.before, args.after))
    if before == after and args.after == after.library:
        print(f"nothing newer than {before.name}: there is nothing to compare")
        return OK
    if before == after:
        raise ReleaseError(f"{before.name} and {after.name} are the same release")
    benchmarks = asv_results.benchmarks(RESULTS)
    _check_filters(args, benchmarks)
    machines = sorted(path.parent.name for path in RESULTS.glob("*/machine.json"))
    if args.machine is not None and args.machine not in machines:
        raise ReleaseError(f"no machine {args.machine!r}: there are {', '.join(machines)}")
    here, asked = name_here(), args.machine
    if args.measure:
        here = asked = measure(before, after, regexes(benchmarks, args), args.machine)
    problems: list[str] = []
    table = history.load(RESULTS, table_of_releases, problems, only=(before, after))
    for line in problems:
        print(f"skipped: {line}", file=sys.stderr)
    try:
        found = comparison.compare(RESULTS, select(table, args), before, after, asked, here)
    except Incomparable:
        if problems:
            raise ReleaseError("nothing could be compared: mend what was skipped") from None
        raise
    if args.functions:
        found = comparison.with_functions(found, RESULTS)
    print(_FORMATS[args.format](found))
    if problems:
        return MEND
    worse = args.fail_on == "worse" and "worse" in found.rows["verdict"]
    return WORSE if worse else OK


def main(argv: list[str] | None = None) -> int:
    about, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tools.compare", description=about, epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("before", metavar="BEFORE", help="like numpy==1.24.4; numpy: its newest")
    parser.add_argument("after", metavar="AFTER")
    parser.add_argument(
        "--metric", choices=("accuracy", "speed", "instructions", "all"), default="all"
    )
    for name in _FILTERS:
        parser.add_argument(f"--{name}", type=_names, default=[], metavar="NAME,NAME")
    parser.add_argument(
        "--machine",
        help="whose numbers (default: this machine's if it has both, else those with most)",
    )
    parser.add_argument("--format", choices=_FORMATS, default="table")
    parser.add_argument("--functions", action="store_true",
                        help="of changed instructions: the functions that take them")  # fmt: skip
    parser.add_argument("--fail-on", choices=("worse",), help="exit code 1 if something is worse")
    parser.add_argument("--measure", action="store_true", help="measure what is missing first")
    builds.add_arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return MEND
    except Incomparable as error:
        print(f"nothing could be compared: {error}", file=sys.stderr)
        return NOTHING


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if not names:
        raise argparse.ArgumentTypeError("names nothing: leave it out, or say which")
    return names


if __name__ == "__main__":
    sys.exit(main())
