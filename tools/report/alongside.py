"""Our pages in a process of their own, while asv makes its: neither needs the other's, and a whole
history takes each of them half a minute."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

from tools.foundation.errors import Mendable
from tools.foundation.paths import ROOT


class Making:
    """The pages in the making, in the folder ``html``. Whoever begins it ends it."""

    def __init__(self, html: Path, results: Path, repo: Path, range_spec: str):
        self.html = html
        paths = [str(path.absolute()) for path in (html, results, repo)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *paths, range_spec],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def problems(self) -> list[str]:
        """Waits; lines on what is left out as damaged. Raises what making them raised."""
        told, _ = self._process.communicate()
        if not told:  # what happened is above
            raise RuntimeError("the process that makes the pages has ended")
        outcome = json.loads(told)
        if "error" in outcome:
            raise Mendable(outcome["error"])
        return outcome["problems"]

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


def main() -> None:
    from tools.report import publisher  # asv's own process needs no more of it than its name

    gc.disable()  # as in takeover.py
    html, results, repo = map(Path, sys.argv[1:4])
    outcome: dict[str, list[str] | str]
    try:
        outcome = {"problems": publisher.make(html, results, repo, sys.argv[4])}
    except Mendable as error:
        outcome = {"error": str(error)}
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
