"""One question to every release: what does it make of this input, and is that right?

examples:
  python -m tools.evaluate "log(1e4)" "numpy>=1.18" --device cpu-v4,cpu-v3
  python -m tools.evaluate "pow(2, 0.5)" "exp(0x1.8p3)" tensorflow --dtype float32
  python -m tools.evaluate "sin(@inputs.txt)" "numpy>=2" --format json

A number is decimal, a hex float, inf or nan, and is rounded to the dtype first. log(@FILE) takes
one or two numbers from each line of a file, @FILE takes an expression from each. Every input is
evaluated alone, within an array and at its end, since those can differ: the result shown is the one
that is farthest off, and what came at other places is told beside it. A function that is not in the
table of ops is evaluated too, where the library has one of that name, but nobody knows what is
right then.

exit code: 0; 1 with --fail-on changed where a result changed from one release to the next; 2
something that you can mend; 3 no release has it.

--format json prints (of several expressions, a list of these)
  {"version": 1, "expression", "op", "dtype",
   "exact": {"decimal": 25 digits, "hex": 101 bits, "correctly_rounded": {"decimal", "hex"}},
            or null where it is not known,
   "rows": [{"release", "backend", "device",
             "result": {"decimal", "hex"}, or null where there is none; "unavailable" says why then,
             "ulp": its error; null where there is no exact result, or one is NaN,
             "correctly_rounded": whether it is at every place; null where there is no exact result,
             "changed": whether it is another one than in the release before,
             "places_differ": whether it depends on the place in an array; "places" has all then}]}
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import backends, levels, libraries
from benchmarks.formats import ulp
from benchmarks.process import release_under_test
from tools.evaluate import text
from tools.evaluate.evaluation import Where, evaluate
from tools.evaluate.expression import NoExpression, parse
from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT
from tools.releases import builds
from tools.releases.release_table import Release, ReleaseError, load, select

OK, CHANGED, MEND, NOTHING = 0, 1, 2, 3
_FORMATS = {
    "table": text.table,
    "markdown": text.markdown,
    "json": text.as_json,
}


def _wanted(releases: list[Release], names: list[str], devices: list[str]) -> list[Where]:
    """By release; without ``names`` each library's first backend. Raises ReleaseError."""
    own = levels.here()
    for device in devices:
        level = levels.OF_DEVICE.get(device)
        if level and (own is None or level > own):
            raise ReleaseError(f"no device {device!r} here: {levels.why_not('', (), device)}")
    found = []
    for release in releases:
        version = release_under_test.numbers(release.version)
        mine = [backend.name for backend in libraries.BY_NAME[release.library].backends]
        for name in dict.fromkeys(names or mine[:1]):
            if name in mine and backends.has(name, release.library, version):
                found += [Where(release, name, device) for device in devices]
    if not found:
        raise ReleaseError(f"none of these releases has the backend {', '.join(names)}")
    return found


def run(args: argparse.Namespace) -> int:
    """Raises Mendable, OSError."""
    texts = [word for word in args.what if "(" in word or word.startswith("@")]
    releases = [word for word in args.what if word not in texts]
    if not texts:
        raise NoExpression(f'no expression in {" ".join(releases)!r}: write "log(1e4)"')
    if not releases:
        raise ReleaseError('of which releases? Write `numpy`, or "numpy>=1.18"')
    expressions = parse(texts)
    build = builds.asked(args, releases[0])
    if build:
        # Of a library that is measured where it is installed there is nothing else to be named.
        named = set() if libraries.BY_NAME[build.library].first else {build.library}
        releases = [*(word for word in releases if word not in named), build.name]
    wanted = _wanted(select(" ".join(releases), load()), args.backend, args.device)
    found = evaluate(expressions, args.dtype, wanted, ROOT / "env", args.measure_only_installed)
    rows = [row for one in found for row in one.rows]
    if not rows:
        raise ReleaseError(
            "none of these releases is installed: leave out --measure-only-installed"
        )
    print(_FORMATS[args.format](found))
    if all(row.result is None for row in rows):
        return NOTHING
    return CHANGED if args.fail_on and any(row.changed for row in rows) else OK


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line, without the usage."""
        self.exit(MEND, f"error: {message}\n")


def main(argv: list[str] | None = None) -> int:
    about, _, more = __doc__.partition("\n\n")
    parser = _Parser(
        prog="python -m tools.evaluate", description=about, epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add(
        "what",
        nargs="+",
        metavar="EXPRESSION|RELEASES",
        help='expressions, like "log(1e4)" or @FILE; releases, like "numpy>=1.18" or tensorflow',
    )
    add("--dtype", choices=ulp.FORMATS, default="float64")
    add("--device", type=_among(levels.DEVICES), default=["cpu"], metavar="NAME,NAME")
    add("--backend", type=_among(backends.NAMES), default=[], metavar="NAME,NAME",
        help="default: each library's first")  # fmt: skip
    add("--format", choices=_FORMATS, default="table")
    add("--fail-on", choices=("changed",), help="exit code 1 where a result changed")
    add("--measure-only-installed", action="store_true",
        help="leave out releases whose environment is not there yet")  # fmt: skip
    builds.add_arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return MEND
    except KeyboardInterrupt:
        return 130


def _among(known: list[str]):
    def names(text: str) -> list[str]:
        found = text.split(",")
        if unknown := [name for name in found if name not in known]:
            raise argparse.ArgumentTypeError(f"no {unknown[0]!r}: there are {', '.join(known)}")
        return found

    return names


if __name__ == "__main__":
    sys.exit(main())
