"""Tell asv about this machine if it does not know it yet: `asv machine --yes`, without a word.

``python -m tools.machine NAME`` files results under NAME instead of the host's name: a CI's runner
has another host name every time. If the results of that name come from another processor, the name
becomes NAME-FEATURES. Libraries choose their code by the processor's features, so neither errors
nor times of two processors belong together.
"""

from __future__ import annotations

import argparse
import sys

from tools.foundation.errors import Mendable
from tools.results.machines import WHERE, give_name, name_of_machine


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.machine", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("name", nargs="?", type=name_of_machine, metavar="NAME")
    try:
        give_name(parser.parse_args(argv).name)
    except Mendable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error}: {WHERE}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
