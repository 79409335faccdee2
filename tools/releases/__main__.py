"""The releases in the history.

``python -m tools.releases``         lists the table
``python -m tools.releases update``  adds what the package index has and the table lacks
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.foundation.errors import Mendable
from tools.releases import package_index
from tools.releases.release_table import TABLE, load


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.releases", description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE, help="another one than releases.toml")
    commands = parser.add_subparsers(dest="command")
    update = commands.add_parser("update", help="add new releases from the package index")
    update.add_argument("also", nargs="*", metavar="LIBRARY==VERSION",
                        help="to add whatever it is")  # fmt: skip
    update.add_argument("--pre", action="store_true", help="pre-releases too")
    update.add_argument("--yanked", action="store_true", help="yanked releases too")
    args = parser.parse_args(argv)
    try:
        if args.command == "update":
            return package_index.update(args.table, args.also, pre=args.pre, yanked=args.yanked)
        for release in load(args.table):
            print(f"{release.name:22} {release.uploaded:%Y-%m-%d}  Python {release.python}")
        return 0
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
