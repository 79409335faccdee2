"""`asv run` with a results folder of its own: measurements of the measuring itself."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from asv.util import load_json

from tools.foundation import safe_files
from tools.foundation.paths import ROOT


class RunFailed(RuntimeError):
    """asv ended with an error; the message has its last words."""


def run(results: Path, release: str, bench: list[str], *options: str,
        environment: Mapping[str, str] | None = None) -> float:  # fmt: skip
    """Measure the benchmarks that match ``bench``; returns seconds. Raises RunFailed."""
    conf = load_json(str(ROOT / "asv.conf.json"), js_comments=True)
    # asv works in the folder of its configuration.
    file = ROOT / f".asv.{os.getpid()}.json"
    safe_files.write(file, json.dumps(conf | {"results_dir": str(results)}))
    asv = [sys.executable, "-m", "asv", "--config", str(file), "run", *options]
    selected = [argument for regex in bench for argument in ("-b", regex)]
    started = time.perf_counter()
    try:
        done = subprocess.run(
            [*asv, *selected, release], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    finally:
        file.unlink()
    if done.returncode:
        words = " ".join(done.stdout.split()[-40:])
        raise RunFailed(f"asv run {release} ends with {done.returncode}: {words}")
    return time.perf_counter() - started


def times(results: Path) -> dict[tuple[str, ...], dict]:
    """What was timed: samples and number by benchmark and parameters, NaN and None left out."""
    found = {}
    for file in results.glob("*/*-release-*.json"):
        data = load_json(str(file))
        for name, row in data["results"].items():
            row = dict(zip(data["result_columns"], row, strict=False))
            if not row.get("samples"):
                continue
            keys = itertools.product(*row["params"])
            for key, samples, number in zip(keys, row["samples"], row["stats_number"], strict=True):
                if samples:
                    values = (value.strip("'") for value in key)
                    found[name, *values] = {"samples": samples, "number": number}
    return found
