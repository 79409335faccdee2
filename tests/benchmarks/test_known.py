"""Neighbours in the wrong order, fingerprints, hard inputs, and float64 without a filter."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import ops
from benchmarks.accuracy import fingerprint, sweep
from benchmarks.behaviour import monotone
from benchmarks.formats import ulp
from benchmarks.inputs import hard, input_sets

FLOAT32 = ulp.FORMATS["float32"]
EXP = ops.OPS["exp"]


def test_neighbours_in_the_wrong_order_are_counted():
    for start, direction in ((0x3F800000, 1), (0xBF800000, -1)):  # up from 1, down from −1
        bits = np.arange(start, start + 1000, dtype=np.uint32)
        got = np.exp(bits.view(np.float32).astype(np.float64)).astype(np.float32).view(np.uint32)
        assert monotone.of_block(EXP, FLOAT32, [bits], got)["wrong"] == 0
        got[500] = got[500 - direction * 20]  # smaller than both its neighbours' place allows
        found = monotone.of_block(EXP, FLOAT32, [bits], got)
        assert found["wrong"] == 1 and len(found["first"]) == 2
    assert monotone.of_block(ops.OPS["lgamma"], FLOAT32, [bits], got)["wrong"] == 0


def test_both_signs_of_a_16_bit_type_run_their_own_way():
    format = ulp.FORMATS["float16"]
    (bits,) = input_sets.exhaustive(EXP, format, 0)
    with np.errstate(all="ignore"):
        got = np.exp(bits.view(np.float16).astype(np.float64)).astype(np.float16).view(np.uint16)
    # Correctly rounded, and so monotone: rounding keeps the order.
    assert monotone.of_block(EXP, format, [bits], got)["wrong"] == 0
    got[0x3C00] -= np.uint16(40)  # exp(1), now below that of the number before it
    assert monotone.of_block(EXP, format, [bits], got)["wrong"] == 1


@pytest.mark.parametrize("place", [0, 1, 54321, (1 << 17) - 1])
@pytest.mark.parametrize("change", [1, 1 << 31, 1 << 16])
def test_one_bit_anywhere_is_another_fingerprint(place, change):
    bits = (input_sets.random_bits(8, 0, 1 << 17) >> np.uint64(32)).astype(np.uint32)
    before = fingerprint.of_bits(bits)
    assert before == fingerprint.of_bits(bits.copy())
    bits[place] ^= np.uint32(change)
    assert fingerprint.of_bits(bits) != before


def test_two_values_that_change_places_are_another_fingerprint():
    bits = np.arange(1 << 17, dtype=np.uint32)
    swapped = bits.copy()
    swapped[[10, 90000]] = swapped[[90000, 10]]
    assert fingerprint.of_bits(bits) != fingerprint.of_bits(swapped)
    assert fingerprint.of_bits(bits[:3]) != fingerprint.of_bits(bits[:4])


def test_a_hard_input_that_was_found_is_kept_once_beside_the_results(tmp_path, monkeypatch):
    project, found = tmp_path / "project", tmp_path / "results" / "hard_inputs"
    monkeypatch.setattr(hard, "FOLDER", str(project))
    monkeypatch.setattr(hard, "FOUND", str(found))
    assert hard.load("pow", FLOAT32) == []
    for _ in range(2):
        hard.add("pow", FLOAT32, [0x3F800000, 0x1], "by hand")
    assert (found / "pow-float32.txt").read_text() == "0x3f800000 0x00000001  # by hand\n"
    assert not project.exists()
    project.mkdir()
    (project / "pow-float32.txt").write_text("0x40000000 0x40000000  # a paper\n")
    assert hard.load("pow", FLOAT32) == [[0x40000000, 0x40000000], [0x3F800000, 0x1]]


def test_hard_inputs_in_the_project_all_have_an_origin():
    lines = [
        line for file in Path(hard.FOLDER).glob("*.txt") for line in file.read_text().splitlines()
    ]
    assert len(lines) > 10
    assert all(line.partition("#")[2].strip() for line in lines)
    for op in ops.ELEMENTWISE:
        for format in ulp.FORMATS.values():
            assert all(len(bits) == op.arity for bits in hard.load(op.name, format))


NUMPY = SimpleNamespace(
    evaluate=lambda op, dtype, arguments: np.exp(arguments[0].view(np.float64)).view(np.uint64)
)


def test_float64_without_a_wider_float_is_judged_by_mpmath(monkeypatch):
    with_filter = sweep.quick(NUMPY, "fake", "cpu", EXP, "float64")["normal"]
    monkeypatch.setattr(ulp, "HAS_WIDE_FLOAT64", False)
    without = sweep.quick(NUMPY, "fake", "cpu", EXP, "float64")["normal"]
    assert without["filter_ulp"] is None and with_filter["filter_ulp"] > 0
    assert 0.4 < without["max_ulp"] <= with_filter["max_ulp"]
    assert without["inputs"] < with_filter["inputs"] / 10
