"""The guided search, with a needle in a haystack, and what is known and kept of results."""

import json
import math

import numpy as np
import pytest

from benchmarks import fingerprint, hard, inputs, monotone, ops, search, tally, ulp
from tools import records, spawner
from tools.blocks import Blocks
from tools.releases import ReleaseError

FLOAT64 = ulp.FORMATS["float64"]
FLOAT32 = ulp.FORMATS["float32"]
EXP = ops.OPS["exp"]


def with_a_bump(centre, width):
    """exp in float64, off by up to 40 ULP near ``centre``, the more the nearer."""

    def evaluate(arguments):
        x = arguments[0].view(np.float64)
        got = np.exp(x).view(np.uint64)
        off = 40 * np.maximum(0, 1 - np.abs(x - centre) / width)
        return got + off.astype(np.uint64)

    return evaluate


def run(evaluate, **options):
    with np.errstate(all="ignore"):
        steps = list(search.run(EXP, FLOAT64, evaluate, **options))
    return steps[-1]


def test_a_search_climbs_to_where_the_errors_are():
    # A share of 2**-16 of the usual interval is off at all, of 2**-21 by more than 39 ULP.
    found = run(with_a_bump(3.3, 1e-4), budget=1 << 23)
    assert found["tallies"]["normal"]["candidates"][0][0] > 38


def test_a_search_is_the_same_again_and_keeps_to_its_budget():
    one, two = (run(with_a_bump(3.3, 1e-4), budget=1 << 20, seed=4) for _ in range(2))
    assert one == two
    assert one["evaluations"] < (1 << 20) + 10 * inputs.BLOCK


def test_a_known_input_is_where_a_search_starts():
    needle = np.array([1.2345678]).view(np.uint64)
    found = run(with_a_bump(1.2345678, 1e-14), budget=1 << 17, hard=[[int(needle[0])]])
    assert found["tallies"]["normal"]["candidates"][0][0] > 38


def test_numbers_are_in_the_order_of_the_values():
    values = np.array([-np.inf, -2.0, -5e-324, 0.0, 5e-324, 1.0, np.inf])
    numbers = search._to_numbers(values.view(np.uint64), FLOAT64)
    assert (np.diff(numbers) > 0).all()
    assert (search._to_bits(numbers, FLOAT64) == values.view(np.uint64)).all()


def test_neighbours_in_the_wrong_order_are_counted():
    for start, direction in ((0x3F800000, 1), (0xBF800000, -1)):  # up from 1, down from −1
        bits = np.arange(start, start + 1000, dtype=np.uint32)
        got = np.exp(bits.view(np.float32).astype(np.float64)).astype(np.float32).view(np.uint32)
        assert monotone.of_block(EXP, FLOAT32, [bits], got)["wrong"] == 0
        got[500] = got[500 - direction * 20]  # smaller than both its neighbours' place allows
        found = monotone.of_block(EXP, FLOAT32, [bits], got)
        assert found["wrong"] == 1 and len(found["first"]) == 2
    assert monotone.of_block(ops.OPS["lgamma"], FLOAT32, [bits], got)["wrong"] == 0


@pytest.mark.parametrize("place", [0, 1, 54321, (1 << 17) - 1])
@pytest.mark.parametrize("change", [1, 1 << 31, 1 << 16])
def test_one_bit_anywhere_is_another_fingerprint(place, change):
    bits = (inputs.random_bits(8, 0, 1 << 17) >> np.uint64(32)).astype(np.uint32)
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


def test_what_is_known_of_blocks(tmp_path):
    one, two = (Blocks(tmp_path / "cache" / "sweep.sqlite") for _ in range(2))
    assert one.get("exp float32", 3, "abc") is None
    one.put("exp float32", 3, "abc", {"tallies": {}})
    assert two.get("exp float32", 3, "abc") == {"tallies": {}}
    assert two.get("exp float32", 4, "abc") is None
    assert two.hashes("exp float32", 3) == ["abc"]
    one.reached("a sweep", 3, "abc")
    assert two.done("a sweep") == {3: "abc"}
    two.finished("a sweep")
    assert one.done("a sweep") == {}


def test_hard_inputs_are_kept_once_with_their_origin(tmp_path, monkeypatch):
    monkeypatch.setattr(hard, "FOLDER", str(tmp_path))
    assert hard.load("pow", FLOAT32) == []
    for _ in range(2):
        hard.add("pow", FLOAT32, [0x3F800000, 0x1], "by hand")
    assert hard.load("pow", FLOAT32) == [[0x3F800000, 0x1]]
    assert (tmp_path / "pow-float32.txt").read_text() == "0x3f800000 0x00000001  # by hand\n"


def test_hard_inputs_in_the_project_all_have_an_origin():
    for op in ops.ELEMENTWISE:
        for format in ulp.FORMATS.values():
            assert all(len(bits) == op.arity for bits in hard.load(op.name, format))


RECORD = dict.fromkeys(records.KEY, "x") | {"kind": "exact", "max_ulp": 1.0}


def test_a_record_takes_the_place_of_its_like_only(tmp_path):
    file = records.path(tmp_path, "machine", "numpy-2.4.6")
    records.merge(file, [RECORD])
    records.merge(file, [RECORD | {"kind": "sample", "max_ulp": 0.5}])
    records.merge(file, [RECORD | {"max_ulp": 2.0}])
    assert {r["kind"]: r["max_ulp"] for r in records.load(file)} == {"exact": 2.0, "sample": 0.5}
    assert [path.name for path in file.parent.iterdir()] == ["numpy-2.4.6.jsonl"]
    release, record = records.named("numpy-2.4.6/x/x/x/x/exact/x", tmp_path, "machine")
    assert (release, record["max_ulp"]) == ("numpy-2.4.6", 2.0)
    with pytest.raises(ReleaseError):
        records.named("numpy-2.4.6/x/x/x/x/search/x", tmp_path, "machine")


def test_a_record_with_an_infinity_is_refused(tmp_path):
    file = records.path(tmp_path, "machine", "numpy-2.4.6")
    records.merge(file, [RECORD])
    with pytest.raises(ValueError, match="JSON"):
        records.merge(file, [RECORD | {"max_ulp": math.inf}])
    assert records.load(file) == [RECORD]


class Spawner(spawner.ReleaseSpawner):
    """Without a process behind it."""

    def __init__(self, scratch, benchmarks, missing):
        self.env = type("Environment", (), {"scratch": scratch})
        self._benchmarks, self._missing, self._answers = benchmarks, missing, {}


def test_what_a_release_lacks_or_another_process_knew_needs_no_process(tmp_path):
    names = ["backend", "op", "dtype", "device"]
    params = [["'numpy'", "'tensorflow'"], ["'exp'"], ["'float32'", "'float64'"], ["'cpu'"]]
    missing = [["tensorflow", None, None, None, "not this library"]]
    made = Spawner(tmp_path, {"a.b": {"params": params, "param_names": names}}, missing)
    answers = [["a.b", ["numpy", "exp", "float64", "cpu"], 1.5]]
    (tmp_path / "answers-1.json").write_text(json.dumps(answers))
    due = {0: None, 1: 1.5, 2: math.nan, 3: math.nan}
    for index, answer in due.items():
        result = tmp_path / f"result-{index}"
        assert made._known(*made._parse(f"a.b-{index}")) == pytest.approx(answer, nan_ok=True)
        if answer is not None:
            assert made.run(f"a.b-{index}", "{}", "None", str(result), 1, ".") == ("", 0)
            assert json.loads(result.read_text()) == pytest.approx(answer, nan_ok=True)


def test_tallies_of_no_inputs_make_a_record_without_a_maximum():
    from benchmarks import sweep

    found = sweep.record(EXP, FLOAT32, tally.Tally(), "normal", {"kind": "exact"})
    assert found["max_ulp"] is None and found["worst"] is None and found["inputs"] == 0
