"""Layouts, repetition, monotonicity, distance: faults that are planted are found, and no others."""

import os

import numpy as np
import pytest

from benchmarks import available, ops
from benchmarks.backends import numpy as numpy_backend
from benchmarks.behaviour import distance, layout, monotone, repeats
from benchmarks.bench_behaviour import RunToRun, Special
from benchmarks.formats import ordinal, ulp

SQRT = ops.OPS["sqrt"]
FLOAT16 = ulp.FORMATS["float16"]


class Faulty:
    """A correctly rounded square root (NumPy's), with ``fault(arguments, result)`` applied."""

    HAS_STRIDES = True
    COMPILES_SHAPES = False

    def __init__(self, fault=lambda arguments, result: None):
        self.fault = fault

    def evaluate(self, op, dtype, arguments):
        result = numpy_backend.evaluate(op, dtype, arguments).copy()
        self.fault(arguments, result)
        return result


def test_a_function_of_the_value_alone_has_the_same_bits_everywhere():
    found = layout.measure(Faulty(), SQRT, "float32")
    assert (found["max_distance"], found["differing"], found["first"]) == (0, 0, None)


def test_a_fault_at_odd_offsets_is_found():
    def fault(arguments, result):
        if arguments[0].ctypes.data // 4 % 2 and arguments[0].strides == (4,):
            result[0] += 3

    found = layout.measure(Faulty(fault), SQRT, "float32")
    start, _, step = found["first"]["slice"]
    assert found["max_distance"] == 3
    assert (start % 2, step) == (1, 1)
    assert found["first"]["place"] == start


def test_a_fault_in_what_is_left_over_after_the_vectors_is_found():
    def fault(arguments, result):
        if result.size % 16 == 13:
            result[-1] += 1

    found = layout.measure(Faulty(fault), SQRT, "float32")
    start, stop, _ = found["first"]["slice"]
    assert found["max_distance"] == 1
    assert (stop - start) % 16 == 13
    assert found["first"]["place"] == stop - 1


def test_a_fault_of_strides_is_found_where_there_are_any():
    def fault(arguments, result):
        if arguments[0].strides[0] < 0:
            result[:] += 2

    module = Faulty(fault)
    found = layout.measure(module, SQRT, "float64")
    assert found["max_distance"] == 2
    assert found["first"]["slice"] == [None, None, -1]
    assert found["differing"] == 1024 + 512
    module.HAS_STRIDES = False
    assert layout.measure(module, SQRT, "float64")["max_distance"] == 0


def test_lengths_leave_every_remainder_of_a_vector():
    for width in (4, 8, 16):
        assert {length % width for length in layout.LENGTHS} == set(range(width))


def test_a_call_that_differs_once_is_found():
    calls = []

    def fault(arguments, result):
        calls.append(1)
        if len(calls) == 3:
            result[5] += 2

    found = repeats.measure(Faulty(fault), SQRT, "float32")
    assert (found["max_distance_repeated"], found["max_distance_one_thread"]) == (2, None)


def test_another_result_with_one_thread_is_found():
    other = repeats.results(Faulty(), SQRT, "float32")
    other[-1] -= 7
    found = repeats.measure(Faulty(), SQRT, "float32", other)
    assert (found["max_distance_repeated"], found["max_distance_one_thread"]) == (0, 7)
    assert found["max_distance"] == 7


def test_a_fork_computes_elsewhere():
    (elsewhere,) = repeats.in_fork(lambda: np.array([os.getpid()]))
    assert elsewhere != os.getpid()


def test_what_fails_in_a_fork_fails_here(capfd):
    with pytest.raises(RuntimeError, match="status"):
        repeats.in_fork(lambda: 1 / 0)
    assert "ZeroDivisionError" in capfd.readouterr().err


class Row:
    """A row that says that it is monotone."""

    name, arity, usual = "sqrt", 1, ((0, 100),)

    def __init__(self, *intervals):
        self.monotonic = intervals


def test_a_dip_is_the_only_pair_in_the_wrong_order():
    def fault(arguments, result):
        result[arguments[0] == 0x3C01] -= 3  # 1 + 2**-10

    found = monotone.measure(Faulty(fault), Row((0, float("inf"), 1)), "float16")
    assert found["wrong"] == 1
    assert [one["bits"] for one in found["first"]["inputs"]] == ["0x3c00", "0x3c01"]
    assert found["inputs"] == 0x7C00  # +0 up to +Inf


def test_a_rising_function_said_to_fall_goes_wrong():
    found = monotone.measure(Faulty(), Row((0, float("inf"), -1)), "float16")
    # Where neighbours have the same root nothing goes wrong: all 16-bit roots are counted here.
    roots = np.sqrt(np.arange(0x7C01, dtype=np.uint16).view(np.float16))
    assert found["wrong"] == np.unique(roots).size - 1


def test_the_ends_of_an_interval_are_not_overstepped():
    # 0.1 is nearest to 0x2e66 (0.0999755859375), which is below it; 1.6 to 0x3e66 (1.599609375),
    # which is within; 1.5712 to 0x3e49 (1.5712890625), which is above.
    def inside(low, high):
        seen = []
        module = Faulty(lambda arguments, result: seen.append(arguments[0].copy()))
        monotone.measure(module, Row((low, high, 1)), "float16")
        return hex(seen[0][0]), hex(seen[0][-1])

    assert inside(0.1, 1.6) == ("0x2e67", "0x3e66")
    assert inside(1, 1.5712) == ("0x3c00", "0x3e48")


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_the_wide_formats_are_sampled_by_runs_of_neighbours(name):
    seen = []
    module = Faulty(lambda arguments, result: seen.append(arguments[0].copy()))
    found = monotone.measure(module, Row((0, float("inf"), 1)), name)
    assert found["wrong"] == 0
    places = np.concatenate(seen).astype(np.uint64)
    assert places.size == 2**20
    assert places[0] == 0
    assert ulp.wide(seen[-1][-1:], ulp.FORMATS[name])[0] == np.inf
    assert np.count_nonzero(np.diff(places) == 1) >= found["inputs"] == 2**20 - 2**8


def test_a_block_of_a_sweep_counts_its_pairs():
    format = ulp.FORMATS["float32"]
    start = int(ordinal.positions(np.uint32(0x3F800000), format))
    found = monotone.wrong_way(Faulty(), SQRT, "float32", [start], 65537, 1)
    assert (found["pairs"], found["wrong"]) == (65536, 0)


def test_the_distance_between_two_libraries_is_that_of_their_worst_input():
    def fault(arguments, result):
        result[arguments[0] == 0x4000] += 4  # at 2
        result[arguments[0] == 0x0001] = 0  # a subnormal, flushed: left out
        result[arguments[0] == 0x4400] = 0x7E00  # NaN at 4

    found = distance.measure(Faulty(fault), Faulty(), SQRT, "float16")
    assert (found["max_distance"], found["differing"], found["nan_differs"]) == (4, 1, 1)
    assert found["worst"]["input"][0]["decimal"] == "2.0"
    # Positive normal numbers, the zeros and +Inf, but for the NaN; negative ones are NaN in both.
    assert found["inputs"] == 30 * 2**10 + 2 + 1 - 1


def test_the_benchmark_classes_measure_numpy(monkeypatch):
    monkeypatch.setattr(available, "check", lambda *_: None)
    case = ("numpy", "sqrt", "float32", "cpu")
    special, repeated = Special(), RunToRun()
    special.setup(*case)
    repeated.setup(*case)
    assert special.track_special_failures(*case) == 0
    assert repeated.track_run_to_run_ulp(*case) == 0
