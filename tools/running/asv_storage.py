"""What asv keeps in results/, and how: whole files, one writer at a time, what was never measured.

asv_plugin.py puts these in the place of asv's own.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import math
import os
import re
from functools import partial
from pathlib import Path

import asv.commands.rm
import asv.machine
import asv.results
import asv.util
from asv.console import log
from asv.repo import NoSuchNameError

from benchmarks.libraries import owner
from benchmarks.speed import timing
from tools.environments import environment
from tools.environments.asv_environment import ONE_KIND, ReleaseEnvironment
from tools.foundation import errors, interrupts, safe_files, temporary
from tools.foundation.errors import Damaged, Mendable
from tools.releases import builds
from tools.results import completeness
from tools.results.machines import check
from tools.running.collect import gather

_add_result = asv.results.Results.add_result
_load = asv.results.Results.load.__func__
_save = asv.results.Results.save
_save_machine = asv.machine.Machine.save
_remove = asv.commands.rm.Rm.run.__func__
_iter_results = asv.results.iter_results_for_machine_and_hash
_iter_machine_files = asv.machine.iter_machine_files
_besides: dict[Path, dict] = {}
"""Keys that go into asv's files beside its own, by the file's path."""
_unreadable: set[str] = set()
_QUICK_SAMPLES = timing.QUICK.repeat
"""That --quick keeps of a time, at most: it is of one process."""
_held = contextlib.ExitStack()


def add_result(self, benchmark, *args, selected_idx=None, **options):
    """Note which combinations of parameters were measured: see completeness.py."""
    _add_result(self, benchmark, *args, selected_idx=selected_idx, **options)
    every = completeness.combinations(benchmark["params"])
    selected = range(len(every)) if selected_idx is None else selected_idx
    noted = vars(self).setdefault("noted", {}).setdefault(benchmark["name"], {})
    noted.update((every[place], getattr(self, "final", True)) for place in selected)


def save(self, result_dir):
    """Save only what was measured, and before it the Records that it was made from, why benchmarks
    failed, and the environment's listing: a kill leaves no number without its Record."""
    path = Path(result_dir, self._filename)
    env = ReleaseEnvironment.current
    release = env.release if env and env.installed_commit_hash == self.commit_hash else None
    try:
        with _of_library(self, release.library) if release else contextlib.nullcontext():
            if not self.get_all_result_keys():
                return
            _besides[path] = {completeness.KEY: _unmeasured(self, path)}
            if env and release:
                listing = environment.listing(Path(env._path))
                whose = self.params["machine"], release.name
                gather(env.scratch, Path(result_dir), *whose, listing, set(_failed(self)))
            _save(self, result_dir)
    except Damaged as error:
        raise asv.util.UserError(f"{error}: restore it (`git checkout`) or remove it") from None
    except OSError as error:
        raise asv.util.UserError(f"{path}: {safe_files.UNWRITABLE}: {error}") from None


@contextlib.contextmanager
def _of_library(results, library: str):
    """``results`` without the room for other libraries' backends; as they were, afterwards: asv
    goes on to print what it has run."""
    columns = ("_results", "_samples", "_stats")
    whole = {name: dict(getattr(results, name)) for name in (*columns, "_benchmark_params")}
    for name, params in whole["_benchmark_params"].items():
        own = completeness.of_library(params, library)
        kept = set(completeness.combinations(own))
        places = [i for i, one in enumerate(completeness.combinations(params)) if one in kept]
        results._benchmark_params[name] = own
        for column in columns:
            values = whole[column][name]
            getattr(results, column)[name] = values and [values[place] for place in places]
    try:
        yield
    finally:
        vars(results).update(whole)


def known_results(*args):
    """asv's own, for `asv run --skip-existing`: what other libraries' backends have no room for is
    skipped, NaN, as it was when it ran, and not failed."""
    for results in _iter_results(*args):
        results.get_result_value = partial(_with_others, results)
        yield results


def _with_others(results, name: str, params: list[list[str]]) -> list:
    found = asv.results.Results.get_result_value(results, name, params)
    stored = results.get_result_params(name)
    libraries = {owner(completeness.plain(one)) for values in stored for one in values}
    if [] not in stored and libraries == {None}:
        return found
    return [
        math.nan
        if value is None and any(owner(completeness.plain(v)) not in libraries for v in one)
        else value
        for one, value in zip(completeness.combinations(params), found, strict=True)
    ]


def refuse_worse(results, benchmarks) -> None:
    """Times of more samples than --quick takes stay. Raises asv's UserError."""
    if safe_files.AGAIN in os.environ:
        return
    for name, benchmark in benchmarks.items():
        chosen = benchmarks.benchmark_selection.get(name)
        if benchmark["type"] != "time" or name not in results.get_all_result_keys():
            continue
        for place, samples in enumerate(results.get_result_samples(name, benchmark["params"])):
            if (chosen is None or place in chosen) and len(samples or ()) > _QUICK_SAMPLES:
                raise asv.util.UserError(
                    f"{name} has times of {len(samples)} samples each, and --quick takes fewer: "
                    "leave it out, or `python -m tools.measure --quick --again` replaces them"
                )


def _unmeasured(results, path: Path) -> dict[str, list[int]]:
    """Which places of each benchmark nobody has measured; these are NaN, asv's "skipped"."""
    old = asv.util.load_json(str(path)) if path.exists() else {"results": {}}
    found = {}
    for name, params in results._benchmark_params.items():
        noted = getattr(results, "noted", {}).get(name, {})
        version = results.benchmark_version[name]
        known = completeness.results(old, {"name": name, "version": version}).keys() - noted.keys()
        known |= {combination for combination, final in noted.items() if final}
        unknown = [i for i, one in enumerate(completeness.combinations(params)) if one not in known]
        numbers = results._results[name]
        for place in unknown:
            # asv has null, its mark for "failed", where a parameter is new.
            if numbers and numbers[place] is None:
                numbers[place] = math.nan
        if unknown:
            found[name] = unknown
    return found


def _failed(results):
    """Benchmarks with their parameters that have no result: asv's None."""
    for name in results.get_all_result_keys():
        params = results.get_result_params(name)
        found = results.get_result_value(name, params)
        for values, result in zip(itertools.product(*params), found, strict=True):
            if result is None:
                yield (name, *map(completeness.plain, values))


def load(cls, path, machine_name=None):
    """Whatever is wrong with a file is one line, and makes the command's exit code 1."""
    try:
        return _load(cls, path, machine_name)
    except asv.util.UserError as error:
        reason = str(error)
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        reason = f"{path} is no whole results file of asv's: {error}"
    _unreadable.add(path)
    raise asv.util.UserError(reason)


def iter_machine_files(results_dir):
    """asv's own, without those of which `asv publish` would end with nothing published."""
    for path in _iter_machine_files(results_dir):
        try:
            if not isinstance(_machine_name(path), str):
                raise asv.util.UserError(f"{path} has no name of a machine")
        except (asv.util.UserError, OSError, AttributeError) as error:
            log.warning(f"Skipping results: {error}")
            _unreadable.add(path)
        else:
            yield path


def _machine_name(path):
    return asv.util.load_json(path, api_version=asv.machine.Machine.api_version).get("machine")


def telling(run):
    """The command ``run``, with an exit code that tells of files that it could not read, and one
    line for a name that is no release's."""

    def wrapped(cls, conf, args):
        _take_build(args)
        with temporary.own():
            code = _ending(run, cls, conf, args)
        for path in sorted(_unreadable):
            log.error(f"left out: {path}: restore it (`git checkout`) or remove it")
        return code or int(bool(_unreadable or errors.left_out))

    return classmethod(wrapped)


def _take_build(args) -> None:
    """Where a Python is named, its library is measured: `asv run --python PATH numpy`."""
    named = getattr(args, "env_spec", None) or []
    if not named:
        return
    python = Path(named[0].removeprefix(":"))
    if len(named) > 1 or not named[0].startswith(":") or not python.is_file():
        raise asv.util.UserError(ONE_KIND)
    options = argparse.Namespace(python=python, wheel=None, label="")
    try:
        build = builds.asked(options, getattr(args, "range", None) or "")
    except Mendable as error:
        raise asv.util.UserError(str(error)) from None
    args.env_spec, args.range = [], build.name if build else args.range


def _ending(run, cls, conf, args):
    """The exit code of the command ``run``, which ends what it started where it is interrupted."""
    try:
        with interrupts.as_interrupts():
            return run.__func__(cls, conf, args)
    except KeyboardInterrupt:
        # asv ends its fork server, not the processes which that has started.
        if ReleaseEnvironment.current:
            ReleaseEnvironment.current.end()
        raise
    except NoSuchNameError as error:
        raise asv.util.UserError(str(error)) from None


def remove(cls, conf, *args, **options):
    """asv's own `rm`, while nobody measures: what is saved in between would bring back the rest."""
    with contextlib.ExitStack() as held:
        try:
            for path in _iter_machine_files(conf.results_dir):
                held.enter_context(safe_files.hold(Path(path).with_name(safe_files.LOCK), "asv rm"))
        except Mendable as error:
            raise asv.util.UserError(str(error)) from None
        return _remove(cls, conf, *args, **options)


def save_machine(self, results_dir):
    """asv saves the machine's facts before it runs: the only place that says which it is, and the
    place to see to it that nobody else writes there, nor this one among another's results."""
    ReleaseEnvironment.machine = self.machine
    lock = Path(results_dir, self.machine, safe_files.LOCK)
    try:
        check(Path(results_dir), self.machine)
        if not safe_files.is_held(lock):
            held = _held.enter_context(temporary.reclaim(partial(safe_files.hold, lock, "asv")))
            os.environ[safe_files.HELD] = str(held.fileno())
        _save_machine(self, results_dir)
    except Mendable as error:
        raise asv.util.UserError(str(error)) from None
    except OSError as error:
        raise asv.util.UserError(f"{lock.parent}: {safe_files.UNWRITABLE}: {error}") from None


def write_json(path, data, api_version=None, compact=False):
    """asv's own, but never half a file, and never Infinity, which `asv publish` hangs on."""
    if api_version is not None:  # else it may be a list: a graph
        data = {**data, **_besides.pop(Path(path), {}), "version": api_version}
    text = json.dumps(data, indent=None if compact else 4, sort_keys=not compact)
    # Outside of strings: benchmarks.json has the benchmarks' own text.
    if "Infinity" in text and "Infinity" in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        raise asv.util.UserError(f"{path}: an infinite number among the results; nothing written")
    safe_files.write(Path(path), text)
