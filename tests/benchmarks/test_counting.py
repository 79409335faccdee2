"""Counts of instructions: what is taken off, what two counts say, and that they are real."""

import math
import shutil
import sys

import pytest

from benchmarks import backends, bench_instructions, counting
from benchmarks.speed import valgrind


class Marks:
    """Counts of which each call takes 300 instructions, what is around them 60, and what else
    happens so many as ``added`` says, one after the other."""

    dumps = 1

    def __init__(self, *added):
        self._added = list(added)

    def count(self, run, calls):
        run(calls)
        return 300 * calls + 60 + (self._added.pop(0) if self._added else 0)


def nothing(calls):
    pass


def test_what_is_around_the_calls_and_what_happens_now_and_then_is_no_part_of_a_call():
    one = counting._Counted(Marks(0, 7, 0, 500, 90, 0, 45), ("exp", "float32", 1), nothing, None)
    one.count()
    one.count()
    assert one.row() == ["exp", "float32", 1, 300.0, 0.0, 1]


def test_passes_that_agree_best_are_taken():
    """Ten calls and thirty, three times each, after the first one; of the second pass each count of
    thirty has 1,200 more, which is 60 a call."""
    more = [0] * 7 + [0, 0, 0, 1200, 1200, 1200]
    one = counting._Counted(Marks(*more), ("exp", "float32", 1), nothing, None)
    one.count()
    one.count()
    assert one.apart() == pytest.approx(0.2)
    one.count()
    assert one.row()[3:5] == [300.0, 0.0]


def test_a_count_below_zero_agrees_with_none():
    """Of both passes ten calls have 9,000 more than they are: another thread waited then."""
    more = [0] + 2 * [*3 * [9000], *3 * [0]]
    one = counting._Counted(Marks(*more), ("sum", "float32", 10000), nothing, None)
    one.count()
    one.count()
    assert one.apart() == math.inf
    row = ["sum", "float32", 10000, -150.0, math.inf, []]
    assert counting.records([row], {}, "jax") == {}


def test_a_call_of_many_instructions_is_counted_less_often():
    asked = []
    one = counting._Counted(Marks(299_640), ("exp", "float32", 10000), asked.append, None)
    one.count()
    assert asked == [1, 4, 1, 1, 1, 3, 3, 3]


def test_a_record_has_all_sizes_what_takes_them_and_what_they_depend_on():
    taking = [["expf", "libm", 0.9]]
    rows = [["exp", "float32", 1, 300.0, 0.0, []], ["exp", "float32", 10000, 1e5, 0.001, taking]]
    (record,) = counting.records(rows, {"valgrind": "3.19.0"}, "numpy").values()
    assert record["by_size"] == {"1": [300.0, 0.0], "10000": [1e5, 0.001]}
    assert (record["op"], record["device"], record["valgrind"]) == ("exp", "cpu-1", "3.19.0")
    assert record["functions"] == taking


def test_without_valgrind_it_is_not_available(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(backends.Unavailable, match="apt-get install valgrind"):
        counting.count("numpy")


def test_the_functions_of_a_dump():
    """By hand, as the manual's example: 3 lines of its own, and a call whose cost is another's."""
    dump = """
ob=(1) /usr/lib/libm.so.6
fl=(1) ???
fn=(1) __exp_fma
0 400
0 50
cob=(2) /x/_umath.cpython-39-x86_64-linux-gnu.so
cfi=(2) loops.c
cfn=(2) DOUBLE_exp.constprop.17
calls=1 0
0 7000

ob=(2)
fl=(2)
fn=(2)
16 20
ob=(3) ???
fn=(3) 0x00000000049367a8
0 5
fn=(4) __exp_fma'2
0 3
"""
    assert valgrind.functions(dump.splitlines()) == {
        ("__exp_fma", "libm"): 450, ("DOUBLE_exp", "_umath"): 20, ("", ""): 5, ("__exp_fma", ""): 3,
    }  # fmt: skip


def test_long_names_say_what_they_do():
    name = (
        "std::_Function_handler<void (long, long), Eigen::internal::TensorExecutor<Eigen::"
        "TensorCwiseUnaryOp<Eigen::internal::scalar_exp_op<float>, int>>::run()>::_M_invoke()"
    )
    assert valgrind._plain(name) == "std::_Function_handler<scalar_exp_op>"
    assert valgrind._plain("exp@GLIBC_2.2.5") == "exp"


@pytest.mark.skipif(sys.platform != "linux", reason="valgrind's requests are tried on Linux alone")
def test_the_marks_do_nothing_on_a_processor():
    marks = valgrind.Marks()
    assert not marks.is_counting
    called = []
    assert marks.count(called.append, 3) == 0
    assert called == [3]


@pytest.mark.skipif(not shutil.which("valgrind"), reason=counting.MISSING)
def test_a_count_grows_with_the_numbers_and_is_the_librarys(monkeypatch):
    monkeypatch.delenv("ULPWATCH_RELEASE", raising=False)
    rows, facts = counting.count("numpy")
    counts = {(op, size): n for op, dtype, size, n, *_ in rows if dtype == "float32"}
    assert facts["level"] <= "v3"
    assert all(apart <= 0.01 for *_, apart, _ in rows)
    # AVX2 adds eight float32 in an instruction, beside two loads, a store and the loop's own;
    # without vectors an addition would take four at the least.
    add, exp = (counts[op, 10000] - counts[op, 1] for op in ("add", "exp"))
    assert 10000 * 3 / 8 < add < 10000 * 2
    assert exp > 3 * add
    taking = {row[0]: row[-1] for row in rows if row[1:3] == ["float32", 10000]}
    assert taking["exp"][0][1] in ("_multiarray_umath", "libm")


@pytest.mark.parametrize("error", [backends.Unavailable("none here"), RuntimeError("it crashes")])
def test_why_nothing_was_counted_is_kept_for_all_functions(monkeypatch, error):
    """asv takes what a setup raises as Unavailable for skipped; what fails is tried once."""

    def count(backend):
        raise error

    monkeypatch.setattr(counting, "count", count)
    found = bench_instructions._count("numpy")
    missing = isinstance(error, backends.Unavailable)
    assert found["missing" if missing else "failed"] == str(error)
    assert found["failed" if missing else "missing"] is None
