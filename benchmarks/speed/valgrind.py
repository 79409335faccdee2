"""Marks for valgrind's callgrind around what it is to count, from Python, without a compiler.

A client request is an instruction sequence that does nothing on a processor, and that valgrind
recognizes (valgrind.h, "Client Requests", amd64). Callgrind's requests are in callgrind.h.
"""

import collections
import ctypes
import mmap
import re

OUT = "counts"
"""What callgrind's files begin with, in the current folder: its --callgrind-out-file."""
# mov rax, rdi (the arguments); xor edx, edx (the answer of a processor); rol rdi by 3, 13, 61, 51,
# which is by 128 in all; xchg rbx, rbx; mov rax, rdx; ret.
_CODE = bytes.fromhex(
    "4889f8" "31d2" "48c1c703" "48c1c70d" "48c1c73d" "48c1c733" "4887db" "4889d0" "c3"
)  # fmt: skip
_RUNNING = 0x1001
_TOOL = (ord("C") << 24) + (ord("T") << 16)
_DUMP, _ZERO, _START = _TOOL, _TOOL + 1, _TOOL + 4


class Marks(object):
    """The requests. Raises OSError where no memory may be executed."""

    def __init__(self):
        self._memory = mmap.mmap(
            -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
        self._memory.write(_CODE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._request = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)(address)
        self._codes = {
            code: (ctypes.c_ulong * 6)(code) for code in (_RUNNING, _START, _ZERO, _DUMP)
        }
        self.is_counting = bool(self._ask(_RUNNING))
        """Whether this process runs under valgrind."""
        self.dumps = 0
        """How many there are: the last one's file is ``dump_file(dumps)``."""

    def start(self):
        """Count from here on; slower by far. Each start translates all code anew: one is best."""
        self._ask(_START)

    def count(self, run, calls):
        """The instructions of ``run(calls)``, and of the marks; 0 outside of valgrind."""
        zero, dump = (ctypes.addressof(self._codes[code]) for code in (_ZERO, _DUMP))
        request = self._request
        request(zero)
        run(calls)
        request(dump)
        if not self.is_counting:
            return 0
        self.dumps += 1
        with open(dump_file(self.dumps)) as file:
            return next(int(line.split()[1]) for line in file if line.startswith("summary:"))

    def _ask(self, code):
        return self._request(ctypes.addressof(self._codes[code]))


def dump_file(number):
    return "%s.%d" % (OUT, number)


def functions(lines):
    """The instructions of each function (its name, its library) in the lines of a dump, without
    those of functions that it calls. The format is in valgrind's manual, "Callgrind Format"."""
    names, found = {}, collections.Counter()
    file = function = None
    called = False
    for line in lines:
        named = re.match(r"(c?)(fn|ob)=\(([0-9]+)\)(?: (.*))?", line)
        if named:
            of_called, what, number, name = named.groups()
            if name:
                names[what, number] = name
            if not of_called:
                if what == "ob":
                    file = names[what, number]
                else:
                    function = names[what, number]
        elif line.startswith("calls="):
            called = True  # the next line has what the called one took
        elif re.match(r"[-+*0-9]", line):
            if not called:
                found[_plain(function), _library(file)] += int(line.split()[1])
            called = False
    return found


def _library(file):
    """``libm`` of /usr/lib/…/libm.so.6, "" of code that was made at run time."""
    return "" if file == "???" else file.rpartition("/")[2].partition(".")[0]


def _plain(name):
    """Without what compiler, linker and callgrind add; of a long C++ name what it does."""
    name = re.sub(r"'[0-9]+$|@.*$|(\.(constprop|part|isra|cold|lto_priv)\.?[0-9]*)+", "", name)
    if name.startswith("0x"):
        return ""
    if len(name) <= 60:
        return name
    inner = re.findall(r"\b(?:scalar_\w+|functor::\w+|\w+_op)\b", name.partition("<")[2])
    head = re.split("[<(]", name)[0][:80] or name[:80]
    return "%s<%s>" % (head, ", ".join(sorted(set(inner))[:3])) if inner else head
