"""Take results, and nothing else, out of archives that other jobs made.

``python -m tools.take FOLDER``  into the project, from each ``FOLDER/results-RELEASE/results.tar``

A job that ran code from the package index may hand over anything. So an archive is taken only if it
has nothing but regular files of results, with plain names and valid contents. If two archives have
a file of the same release, the one of the job that measured this release is taken; for the other
job it was the release before.

exit code: 0; 2 if an archive has something else, which is named.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.foundation.paths import ROOT
from tools.nightly.archives import Refused, take


def main(argv: list[str] | None = None) -> int:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tools.take", description=__doc__, formatter_class=raw
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    prefix = "results-"
    archives = {
        file.parent.name.removeprefix(prefix): file
        for file in sorted(folder.glob(f"{prefix}*/results.tar"))
    }
    refused = set()
    for own in (False, True):
        for release, archive in archives.items():
            if release in refused:
                continue
            try:
                count = take(archive, ROOT, release if own else None)
                if not own:
                    print(f"{count} files of results from {archive}")
            except (Refused, OSError) as error:
                print(f"error: {error}", file=sys.stderr)
                refused.add(release)
    return 2 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
