"""Registers Ulpwatch with asv: ReleaseRepo and ReleaseEnvironment by existing, the rest here.

asv has no hook for what follows, so these few names of its modules are replaced; each says why.
The names are those of asv 0.6.6, which the lock file pins.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from pathlib import Path

import asv.benchmarks
import asv.commands.find
import asv.commands.publish
import asv.commands.run
import asv.machine
import asv.results
import asv.runner
import asv.util
from asv.console import log

from . import environments
from .environments import ReleaseEnvironment
from .gather import gather
from .releases import ReleaseRepo
from .report import asv_pages
from .report.publisher import Pages
from .spawner import ReleaseSpawner

__all__ = ["Pages", "ReleaseEnvironment", "ReleaseRepo"]

# Processes that measure a time. What differs between two of one release, like where the memory of
# an array begins, is noise that no number of samples from one process shows.
ROUNDS = 2

_discover = asv.benchmarks.Benchmarks._disc_benchmarks
_get_spawner = asv.runner.get_spawner
_run_benchmarks = asv.runner.run_benchmarks
_save_machine = asv.machine.Machine.save
_save = asv.results.Results.save


def get_spawner(env, benchmark_dir, launch_method):
    """Our spawner for the fork server; the others as they are."""
    if launch_method == "forkserver" and isinstance(env, ReleaseEnvironment):
        return ReleaseSpawner(env, benchmark_dir)
    return _get_spawner(env, benchmark_dir, launch_method)


def discover(*args):
    """asv_runner reads ``rounds`` of its own kinds of times only."""
    found = _discover(*args)
    for benchmark in found:
        if benchmark["type"] == "time":
            benchmark.setdefault("rounds", ROUNDS)
    return found


def run_benchmarks(benchmarks, env, **options):
    """asv's own; samples are kept, for a test of significance, and the processes see the plan."""
    plan = {
        "attributes": options.get("extra_params") or {},
        "quick": bool(options.get("quick")),
        "selection": benchmarks.benchmark_selection,
    }
    (env.scratch / "plan.json").write_text(json.dumps(plan))
    return _run_benchmarks(benchmarks, env, **options | {"record_samples": True})


def skip_benchmarks(benchmarks, env, results=None):
    """A release that cannot be installed is left out: asv would save it as failed throughout."""
    for _ in benchmarks:
        log.step()


def save(self, result_dir):
    """Save only what was measured, and the Records and the environment's listing with it."""
    if not self.get_all_result_keys():
        return
    _save(self, result_dir)
    env = ReleaseEnvironment.current
    if env and env.installed_commit_hash == self.commit_hash:
        listing = environments.listing(Path(env._path))
        whose = self.params["machine"], env.release.name
        gather(env.scratch, Path(result_dir), *whose, listing, set(_failed(self)))


def _failed(results):
    """Benchmarks with their parameters that have no result: asv's None."""
    for name in results.get_all_result_keys():
        params = results.get_result_params(name)
        found = results.get_result_value(name, params)
        for values, result in zip(itertools.product(*params), found, strict=True):
            if result is None:
                yield (name, *(value.strip("'") for value in values))


def save_machine(self, results_dir):
    """asv saves the machine's facts before it runs: the only place that says which it is."""
    ReleaseEnvironment.machine = self.machine
    _save_machine(self, results_dir)


def write_json(path, data, api_version=None, compact=False):
    """asv's own, but never half a file, and never Infinity, which `asv publish` hangs on."""
    if api_version is not None:
        data = {**data, "version": api_version}
    layout = {} if compact else {"indent": 4, "sort_keys": True}
    text = json.dumps(data, **layout)
    # Outside of strings: benchmarks.json has the benchmarks' own text.
    if "Infinity" in text and "Infinity" in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        raise asv.util.UserError(f"{path}: an infinite number among the results; nothing written")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    beside = Path(f"{path}.{os.getpid()}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


asv.benchmarks.Benchmarks._disc_benchmarks = discover
asv.commands.run.run_benchmarks = asv.commands.find.run_benchmarks = run_benchmarks
asv.runner.get_spawner = get_spawner
asv.commands.run.skip_benchmarks = skip_benchmarks
asv.commands.publish.Publish.run = asv_pages.publish
asv.results.Results.save = save
asv.machine.Machine.save = save_machine
asv.util.write_json = write_json
