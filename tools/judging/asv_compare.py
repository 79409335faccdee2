"""`asv compare` over results of several machines, of which most numbers are another library's."""

from __future__ import annotations

import math
from collections.abc import Iterator

import asv.commands.compare
from asv.commands.compare import Compare, iter_results_for_machine_and_hash, unroll_result
from asv.console import log
from asv.machine import iter_machine_files
from asv.util import UserError, load_json

from tools.results.machines import name_here

_run = Compare.run.__func__
_print_table = Compare.print_table.__func__


def run(cls, conf, hash_1, hash_2, *args, machine=None, **options):
    """asv's own; where it would ask which machine is meant, it is this one if that has numbers of
    both releases, else that with most of them."""
    if machine is None:
        repo = asv.commands.compare.get_repo(conf)
        hashes = [repo.get_hash_from_name(name) for name in (hash_1, hash_2)]
        machine = _choose(conf, hashes)
    return _run(cls, conf, hash_1, hash_2, *args, machine=machine, **options)


def _choose(conf, hashes: list[str]) -> str:
    here = name_here()
    machines = [load_json(path)["machine"] for path in iter_machine_files(conf.results_dir)]
    common = {name: len(set.intersection(*_numbers(conf, name, hashes))) for name in machines}
    chosen = here if common.get(here) else max(common, key=common.__getitem__, default=None)
    if chosen is None or not common[chosen]:
        raise UserError("no machine has numbers of both: `python -m tools.compare` says more")
    why = "this machine" if chosen == here else "it has the most of both"
    log.info(f"The numbers are of {chosen}: {why}; --machine takes another")
    return chosen


def print_table(cls, conf, hash_1, hash_2, *args, machine=None, **options):
    """asv's own, without the benchmarks of which one side has no number."""
    if options.get("resultset_1") is not None:  # asv continuous
        return _print_table(cls, conf, hash_1, hash_2, *args, machine=machine, **options)
    before, after = _numbers(conf, machine, [hash_1, hash_2])
    if not before & after:
        raise UserError(f"{machine} has no number of both")
    both = before & after

    def comparable(*result):
        return (row for row in unroll_result(*result) if row[0] in both)

    asv.commands.compare.unroll_result = comparable
    try:
        told = _print_table(cls, conf, hash_1, hash_2, *args, machine=machine, **options)
    finally:
        asv.commands.compare.unroll_result = unroll_result
    alone = len(before ^ after)
    print(f"\n{len(both)} are in both; {alone} that only one has are left out")
    return told


def _numbers(conf, machine: str, hashes: list[str]) -> list[set[str]]:
    """Of each release, the benchmarks with their parameters that were not skipped."""
    return [set(_measured(conf, machine, commit)) for commit in hashes]


def _measured(conf, machine: str, commit: str) -> Iterator[str]:
    for result in iter_results_for_machine_and_hash(conf.results_dir, machine, commit):
        for key in result.get_all_result_keys():
            params = result.get_result_params(key)
            values = result.get_result_value(key, params)
            for name, value, *_ in unroll_result(key, params, values, values, values):
                if value is None or not math.isnan(value):  # None: failed, which is worth a row
                    yield name
