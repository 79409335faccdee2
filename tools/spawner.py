"""Starts the benchmark processes of one release: asv's fork server, spared what needs none."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

from asv import runner, util
from asv.console import log

_MISSING = "available._Missing.track_missing"


class ReleaseSpawner(runner.ForkServer):
    """A fork server that starts no process where the answer is known.

    It asks once what the release can run: of all combinations of backend, op, dtype and device a
    release of NumPy can run one in seven, and a process for each of the others would take longer
    than the measurements. And it reads what one process knows of other parameters
    (benchmarks/_scratch.py).
    """

    def __init__(self, env, root):
        super().__init__(env, root)
        self._missing: list[list] = []
        self._answers: dict[tuple[str, ...], float] = {}
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
        benchmark, params = self._parse(name)
        known = self._known(benchmark, params)
        if known is not None:
            Path(result_file_name).write_text(json.dumps(known))  # NaN is asv's mark for "skipped"
            return "", 0
        return super().run(name, params_str, profile_path, result_file_name, timeout, cwd)

    def _parse(self, name: str) -> tuple[str, dict[str, str]]:
        """The benchmark and its parameters by name, from asv's ``benchmark-index``."""
        benchmark, _, index = name.partition("-")
        known = self._benchmarks.get(benchmark)
        if not index or not known:
            return benchmark, {}
        values = next(itertools.islice(itertools.product(*known["params"]), int(index), None))
        # asv keeps parameters as their repr, like "'numpy'".
        return benchmark, dict(
            zip(known["param_names"], (v.strip("'") for v in values), strict=True)
        )

    def _known(self, benchmark: str, params: dict[str, str]) -> float | None:
        """The answer, where it needs no process; NaN for what the release lacks."""
        asked = [params.get(name) for name in ("backend", "device", "op", "dtype")]
        for row in self._missing:
            if all(mine in (None, theirs) for mine, theirs in zip(row, asked, strict=False)):
                return math.nan
        for file in self.env.scratch.glob("answers-*.json"):
            for name, values, answer in json.loads(file.read_text()):
                self._answers[name, *map(str, values)] = answer
            file.unlink()
        return self._answers.get((benchmark, *params.values()))
