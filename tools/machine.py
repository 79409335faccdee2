"""Tell asv about this machine, if it does not know it yet: `asv machine --yes` without its talk.

``python -m tools.machine NAME`` gives it another name than its host's, under which asv files its
results: a runner of a CI has another host name every time.
"""

from __future__ import annotations

import sys

from asv.machine import Machine, MachineCollection
from asv.util import UserError


def main(argv: list[str] | None = None) -> int:
    named = sys.argv[1:] if argv is None else argv
    host = Machine.get_unique_machine_name()
    try:
        if named:
            # asv looks for the host's name and takes the name that it finds there.
            MachineCollection.save(host, Machine.get_defaults() | {"machine": named[0]})
        MachineCollection.load(host)
    except UserError:
        MachineCollection.save(host, Machine.get_defaults())
        print(f"this machine is {host!r} to asv; `asv machine` changes that")
    return 0


if __name__ == "__main__":
    sys.exit(main())
