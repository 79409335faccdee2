"""Marks for valgrind's callgrind around what it is to count, from Python, without a compiler.

A client request is an instruction sequence that does nothing on a processor, and that valgrind
recognizes (valgrind.h, "Client Requests", amd64). Callgrind's requests are in callgrind.h.
"""

import ctypes
import mmap

# mov rax, rdi (the arguments); xor edx, edx (the answer of a processor); rol rdi by 3, 13, 61, 51,
# which is by 128 in all; xchg rbx, rbx; mov rax, rdx; ret.
_CODE = bytes.fromhex(
    "4889f8" "31d2" "48c1c703" "48c1c70d" "48c1c73d" "48c1c733" "4887db" "4889d0" "c3"
)  # fmt: skip
_RUNNING = 0x1001
_TOOL = (ord("C") << 24) + (ord("T") << 16)
_ZERO, _DUMP_AT, _START, _STOP = _TOOL + 1, _TOOL + 3, _TOOL + 4, _TOOL + 5


class Marks(object):
    """The requests. Raises OSError where no memory may be executed."""

    def __init__(self):
        self._memory = mmap.mmap(
            -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
        self._memory.write(_CODE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._request = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)(address)
        self._start, self._zero, self._stop = map(_arguments, (_START, _ZERO, _STOP))

    @property
    def is_counting(self):
        """Whether this process runs under valgrind."""
        question = _arguments(_RUNNING)  # must outlive the request
        return bool(self._request(ctypes.addressof(question)))

    def count(self, name, function, given, calls):
        """Have ``calls`` calls of ``function(*given)`` counted, in a dump of this ``name``."""
        text = ctypes.create_string_buffer(name.encode())
        dump = _arguments(_DUMP_AT, ctypes.addressof(text))
        start, zero, stop = map(ctypes.addressof, (self._start, self._zero, self._stop))
        end, request = ctypes.addressof(dump), self._request
        request(start)
        request(zero)
        for _ in range(calls):
            function(*given)
        request(end)
        request(stop)


def _arguments(code, *given):
    return (ctypes.c_ulong * 6)(code, *given)
