"""Starts the benchmark processes of one release: asv's fork server, spared what cannot run."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from asv import runner, util
from asv.console import log

_MISSING = "available._Missing.track_missing"


class ReleaseSpawner(runner.ForkServer):
    """A fork server that asks once what the release can run, and starts no process for the rest.

    Of all combinations of backend, op, dtype and device a release of NumPy can run one in seven;
    a process for each of the others would take longer than the measurements.
    """

    def __init__(self, env, root):
        super().__init__(env, root)
        self._missing: list[list] = []
        # asv saves the list of benchmarks before it runs them.
        path = Path(env.results_dir) / "benchmarks.json"
        self._benchmarks = util.load_json(str(path)) if path.exists() else {}

    def preimport(self):
        success, out = super().preimport()
        if success:
            self._missing = self._ask()
        return success, out

    def _ask(self) -> list[list]:
        answer = self.env.scratch / "missing.json"
        out, code = super().run(_MISSING, "{}", "None", str(answer), 900, str(self.env.scratch))
        if code:
            log.warning(f"cannot tell what {self.env.release.name} lacks: {out.strip()[-300:]}")
            return []
        return json.loads(answer.read_text())

    def run(self, name, params_str, profile_path, result_file_name, timeout, cwd):
        benchmark, given = self._decode(name)
        if self._is_missing(given):
            Path(result_file_name).write_text("NaN")  # asv's mark for "skipped"
            return "", 0
        # What an earlier process found beside its own result (benchmarks/_scratch.py, leave).
        left = self.env.scratch / f"value-{'-'.join([benchmark, *given.values()])}.json"
        if left.exists():
            Path(result_file_name).write_text(left.read_text())
            return "", 0
        return super().run(name, params_str, profile_path, result_file_name, timeout, cwd)

    def _decode(self, name: str) -> tuple[str, dict[str, str]]:
        """The benchmark of a call like ``bench_time.Matmul.track_time-12``, and its parameters."""
        benchmark, _, index = name.partition("-")
        known = self._benchmarks.get(benchmark)
        if not index or not known:
            return benchmark, {}
        values = next(itertools.islice(itertools.product(*known["params"]), int(index), None))
        # asv keeps parameters as their repr, like "'numpy'".
        return benchmark, dict(
            zip(known["param_names"], (v.strip("'") for v in values), strict=True)
        )

    def _is_missing(self, given: dict[str, str]) -> bool:
        asked = [given.get(name) for name in ("backend", "device", "op", "dtype")]
        return any(
            all(mine in (None, theirs) for mine, theirs in zip(row, asked, strict=False))
            for row in self._missing
        )
