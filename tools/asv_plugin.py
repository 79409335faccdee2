"""Registers Ulpwatch with asv: ReleaseRepo and ReleaseEnvironment by existing, the rest here.

asv has no hook for what follows, so these few names of its modules are replaced; each says why.
The names are those of asv 0.6.6, which the lock file pins.
"""

from __future__ import annotations

import json
import socketserver
from types import SimpleNamespace

import asv.benchmarks
import asv.commands.asv_profiling
import asv.commands.find
import asv.commands.machine
import asv.commands.preview
import asv.commands.publish
import asv.commands.rm
import asv.commands.run
import asv.commands.show
import asv.graph
import asv.machine
import asv.results
import asv.runner
import asv.step_detect
import asv.util
from asv.commands import Command
from asv.commands.compare import Compare
from asv.console import log

from benchmarks.speed import timing
from tools.environments.asv_environment import ReleaseEnvironment
from tools.judging import asv_compare
from tools.releases.repository import ReleaseRepo
from tools.report.asv_site import takeover
from tools.report.publisher import Pages
from tools.results import machines
from tools.running import asv_display, asv_storage
from tools.running.spawner import ReleaseSpawner

__all__ = ["Pages", "ReleaseEnvironment", "ReleaseRepo"]

# Processes that measure a time which a user waits for once; each takes several samples.
ROUNDS = 2
# And of a call.
_OF_CALLS = ("bench_time.", "bench_conversion.")

# Beyond this, sums of a few numbers overflow.
_LARGEST = 2.0**1000

_detect_steps = asv.step_detect.detect_steps
_discover = asv.benchmarks.Benchmarks._disc_benchmarks
_name_machine = asv.commands.machine.Machine.run.__func__
_get_spawner = asv.runner.get_spawner
_run_benchmarks = asv.runner.run_benchmarks
_search = asv_display.Search()


def get_spawner(env, benchmark_dir, launch_method):
    """Our spawner for the fork server; the others as they are."""
    if launch_method == "forkserver" and isinstance(env, ReleaseEnvironment):
        return ReleaseSpawner(env, benchmark_dir)
    return _get_spawner(env, benchmark_dir, launch_method)


def detect_steps(y, w=None):
    """asv's own, which never ends where a sum of its numbers is infinite: an error of 2**1023 ULP,
    as an infinite result for a tiny exact one has, is as one of 2**1000 to it."""
    held = [value if value is None else max(-_LARGEST, min(_LARGEST, value)) for value in y]
    return _detect_steps(held, w)


def discover(*args):
    """asv_runner reads ``rounds`` of its own kinds of times only."""
    found = _discover(*args)
    for benchmark in found:
        if benchmark["type"] == "time":
            call = benchmark["name"].startswith(_OF_CALLS)
            benchmark.setdefault("rounds", timing.ROUNDS if call else ROUNDS)
    return found


def run_benchmarks(benchmarks, env, **options):
    """asv's own; samples are kept, for a test of significance, and the processes see the plan."""
    plan = {
        "attributes": options.get("extra_params") or {},
        "quick": bool(options.get("quick")),
        "selection": benchmarks.benchmark_selection,
    }
    (env.scratch / "plan.json").write_text(json.dumps(plan))
    results, rounds = options.get("results"), options.get("run_rounds")
    if results is not None:
        # Interleaved rounds are saved one by one; the last has the number 1.
        results.final = rounds is None or 1 in rounds
        if options.get("quick"):
            asv_storage.refuse_worse(results, benchmarks)
    asv_display.selected.clear()
    asv_display.selected.update(benchmarks.benchmark_selection)
    return _run_benchmarks(benchmarks, env, **options | {"record_samples": True})


def search(benchmarks, env, **options):
    """The same for `asv find`."""
    found = run_benchmarks(benchmarks, env, **options)
    _search.note(found, benchmarks)
    return found


def skip_benchmarks(benchmarks, env, results=None):
    """A release that cannot be installed is left out: asv would save it as failed throughout."""
    for _ in benchmarks:
        log.step()


class LoopbackServer(socketserver.ThreadingTCPServer):
    """For this machine alone, as the address says that `asv preview` prints: its own server answers
    whoever reaches the machine."""

    def __init__(self, address, *args, **options):
        super().__init__(("127.0.0.1", address[1]), *args, **options)


def name_machine(cls, **options):
    """asv's own; a name under which every later run would be refused makes way for another."""
    try:
        code = _name_machine(cls, **options)
    except OSError as error:
        raise asv.util.UserError(f"{error}: {machines.WHERE}") from None
    asked = options["machine"] != asv.machine.Machine.get_unique_machine_name()
    if not (code or asked):
        machines.give_name(None)
    return code


asv.benchmarks.Benchmarks._disc_benchmarks = discover
asv.commands.preview.socketserver = SimpleNamespace(ThreadingTCPServer=LoopbackServer)
asv.commands.machine.Machine.run = classmethod(name_machine)
asv.commands.run.run_benchmarks = asv.commands.asv_profiling.run_benchmarks = run_benchmarks
asv.commands.find.run_benchmarks, asv.commands.find.log = search, _search.log
asv.runner.format_benchmark_result = asv_display.format_benchmark_result
asv.commands.show.format_benchmark_result = asv_display.format_benchmark_result
asv.runner.get_spawner = get_spawner
asv.step_detect.detect_steps = detect_steps
asv.commands.run.skip_benchmarks = skip_benchmarks
asv.commands.publish.Publish.run = takeover.publish
asv.commands.run.iter_results_for_machine_and_hash = asv_storage.known_results
asv.commands.publish.Benchmarks = takeover.BenchmarksOfBranches
asv.graph.Graph.get_steps = takeover.get_steps
asv.graph.Graph.get_data = takeover.get_data
asv.graph.Graph.detect_steps = takeover.detect_steps
asv.commands.rm.Rm.run = classmethod(asv_storage.remove)
Compare.run = classmethod(asv_compare.run)
Compare.print_table = classmethod(asv_compare.print_table)
asv.commands.publish.iter_machine_files = asv_storage.iter_machine_files
asv.results.Results.add_result = asv_storage.add_result
asv.results.Results.load = classmethod(asv_storage.load)
asv.results.Results.save = asv_storage.save
asv.machine.Machine.save = asv_storage.save_machine
asv.util.write_json = asv_storage.write_json
for command in asv.util.iter_subclasses(Command):
    if "run_from_conf_args" in vars(command):
        command.run_from_conf_args = asv_storage.telling(vars(command)["run_from_conf_args"])
