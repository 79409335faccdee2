"""Registers Ulpwatch with asv: ReleaseRepo and ReleaseEnvironment by existing, the rest here.

asv has no hook for what follows, so these few names of its modules are replaced; each says why.
The names are those of asv 0.6.6, which the lock file pins.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import asv.commands.run
import asv.machine
import asv.results
import asv.runner
import asv.util
from asv.console import log

from . import environments, records
from .environments import ReleaseEnvironment
from .releases import ReleaseRepo
from .spawner import ReleaseSpawner

__all__ = ["ReleaseEnvironment", "ReleaseRepo"]

_get_spawner = asv.runner.get_spawner
_save_machine = asv.machine.Machine.save
_save = asv.results.Results.save


def get_spawner(env, benchmark_dir, launch_method):
    """Our spawner for the fork server; the others as they are."""
    if launch_method == "forkserver" and isinstance(env, ReleaseEnvironment):
        return ReleaseSpawner(env, benchmark_dir)
    return _get_spawner(env, benchmark_dir, launch_method)


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
        machine = self.params["machine"]
        records.gather(env.scratch, Path(result_dir), machine, env.release.name, listing)


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


asv.runner.get_spawner = get_spawner
asv.commands.run.skip_benchmarks = skip_benchmarks
asv.results.Results.save = save
asv.machine.Machine.save = save_machine
asv.util.write_json = write_json
