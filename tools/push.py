"""Commit what a night has measured, and push it, even if others push at the same time.

``python -m tools.push BRANCH``  to the remote whose address is in the variable ORIGIN

The table and the results are one commit. The README's findings are another, which is made when
everything that others have pushed is there. If a file of results was changed on both sides, ours is
taken whole (.gitattributes), because two halves would be no results. No hook is run.

exit code: 0, also if there is nothing to commit; 2 if it could not be pushed.
"""

from __future__ import annotations

import argparse
import os
import sys

from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT
from tools.nightly.pushing import findings, push


def main(argv: list[str] | None = None) -> int:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tools.push", description=__doc__, formatter_class=raw
    )
    parser.add_argument("branch")
    branch = parser.parse_args(argv).branch
    try:
        push(ROOT, os.environ["ORIGIN"], branch, findings)
    except KeyError:
        print("error: ORIGIN is not set: to the address of the remote", file=sys.stderr)
        return 2
    except (Mendable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
