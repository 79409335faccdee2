"""Tell asv about this machine, if it does not know it yet: `asv machine --yes` without its talk."""

from __future__ import annotations

import sys

from asv.machine import Machine, MachineCollection
from asv.util import UserError


def main() -> int:
    name = Machine.get_unique_machine_name()
    try:
        MachineCollection.load(name)
    except UserError:
        MachineCollection.save(name, Machine.get_defaults())
        print(f"this machine is {name!r} to asv; `asv machine` changes that")
    return 0


if __name__ == "__main__":
    sys.exit(main())
