"""One process, several answers."""

import json

import pytest

from benchmarks import _scratch, backends, batch

NAME = "bench.Time.track"
# As in bench_time: the last goes fastest.
PARAMS = [["numpy", "tensorflow"], ["exp", "sin"], [1, 1000, 10], ["cpu", "cpu-1"]]
ALIKE = (0, 1, 3)
ASKED = ("numpy", "sin", 1000, "cpu-1")


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    monkeypatch.setenv("ULPWATCH_SCRATCH", str(tmp_path))
    return tmp_path


def answers(scratch):
    (file,) = scratch.glob("answers-*.json")
    return {tuple(values): answer for _, values, answer in json.loads(file.read_text())}


def run(measure=lambda *parameters: 1.5, asked=ASKED):
    return batch.run(NAME, PARAMS, asked, ALIKE, measure)


def test_what_comes_after_and_needs_no_other_process_is_answered_too(scratch):
    assert run() == 1.5
    assert list(answers(scratch)) == [ASKED, ("numpy", "sin", 10, "cpu-1")]


def test_what_was_not_selected_is_not_measured(scratch):
    # numpy sin 1000 cpu-1 and numpy sin 1 cpu-1 are the 9th and the 7th.
    (scratch / "plan.json").write_text(json.dumps({"selection": {NAME: [7, 9]}}))
    run()
    assert list(answers(scratch)) == [ASKED]


def test_a_failure_of_another_one_ends_the_batch_and_keeps_what_there_is(scratch):
    def measure(backend, op, size, device):
        if size == 1000:
            raise MemoryError
        return size

    assert run(measure, ("numpy", "sin", 1, "cpu")) == 1
    assert answers(scratch) == {("numpy", "sin", 1, "cpu"): 1}
    with pytest.raises(MemoryError):
        run(measure, ("numpy", "sin", 1000, "cpu"))


def test_an_answer_is_kept_before_the_next_is_tried(scratch):
    seen = []

    def measure(*parameters):
        seen.append(answers(scratch) if list(scratch.iterdir()) else {})
        return 2.5

    run(measure)
    assert seen == [{}, {ASKED: 2.5}]


def test_what_is_unavailable_is_passed_over(scratch):
    def measure(backend, op, size, device):
        if size == 1000:
            raise backends.Unavailable("no such size")
        return size

    run(measure, ("numpy", "sin", 1, "cpu"))
    assert [size for _, _, size, _ in answers(scratch)] == [1, 10]
    with pytest.raises(backends.Unavailable):
        run(measure)


def test_a_batch_that_takes_too_long_leaves_the_rest(scratch, monkeypatch):
    monkeypatch.setattr(batch, "_SECONDS", -1)
    run()
    assert list(answers(scratch)) == [ASKED]


def test_outside_of_asv_only_the_answer_is_given(monkeypatch):
    monkeypatch.delenv("ULPWATCH_SCRATCH", raising=False)
    assert _scratch.plan()["selection"] == {}
    assert run() == 1.5
