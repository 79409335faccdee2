"""The name that asv files this machine's results under, and whose results those of a name are.

Libraries choose their code by the processor's features, so neither errors nor times of two kinds go
together: where the results of a name come from another processor, this one gets NAME-FEATURES.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from asv.machine import Machine, MachineCollection
from asv.util import UserError

from tools.foundation.paths import RESULTS
from tools.releases.release_table import ReleaseError
from tools.results import processor, records

WHERE = "asv keeps the machine's name there: set HOME to a folder that can be written"


def this_machine() -> str:
    """The name that asv has for this machine, to measure under. Raises ReleaseError."""
    known = known_name()
    if known is None:
        raise ReleaseError("this machine has no name yet: run `python -m tools.machine`")
    check(RESULTS, known)
    return known


def name_here() -> str | None:
    """The name of this machine; None where it has none, or one that is another processor's."""
    try:
        return this_machine()
    except ReleaseError:
        return None


def check(results: Path, machine: str) -> None:
    """Raises ReleaseError where results of ``machine`` come from another processor than this."""
    here = processor.name({"cpu": processor.cpu()})
    files = sorted((results / machine / "environments").glob("*.jsonl"))
    found = {processor.name(records.listing(results, machine, file.stem)) for file in files}
    if others := sorted(one for one in found if one is not None and one != here):
        raise ReleaseError(
            f"the results of machine {machine!r} come from another processor ({others[0]}; this is "
            f"{here}): `python -m tools.machine` gives this one a name of its own"
        )


def known_name() -> str | None:
    """The name that asv has for this machine, None where it has none."""
    try:
        return MachineCollection.load(Machine.get_unique_machine_name())["machine"]
    except (KeyError, UserError):
        return None


def _choose(names: list[str]) -> str:
    """The first of ``names`` that this processor may have, or the last with its features."""
    for machine in names:
        try:
            check(RESULTS, machine)
        except ReleaseError:
            continue
        return machine
    return f"{names[-1]}-{processor.features(processor.cpu())}"


def name_of_machine(text: str) -> str:
    """``text``, which will be a folder's name. Raises argparse's ArgumentTypeError."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", text):
        allowed = "letters, digits, '.', '_' and '-', the first a letter or a digit"
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a machine: take {allowed}")
    return text


def give_name(named: str | None) -> None:
    """Have asv know this machine by a name that it may have. Raises Damaged, OSError."""
    host, known = Machine.get_unique_machine_name(), known_name()
    chosen = _choose([named] if named else [one for one in (known, host) if one])
    if chosen != known:
        # asv looks for the host's name and takes the name that it finds there.
        MachineCollection.save(host, Machine.get_defaults() | {"machine": chosen})
        print(f"this machine is {chosen!r} to asv; `asv machine` changes that")
