"""One process, several answers."""

import json

import pytest

from benchmarks import backends, batch
from benchmarks.process import exchange

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
    assert exchange.plan()["selection"] == {}
    assert run() == 1.5


class Sampling:
    """Done after three visits; says how many there were, and notes each."""

    def __init__(self, name, log):
        self.name, self.log, self.visits = name, log, 0

    @property
    def done(self):
        return self.visits == 3

    def visit(self):
        self.visits += 1
        self.log.append(self.name)

    def result(self):
        return self.visits


def visit(sampling, asked=ASKED):
    return batch.visit(NAME, PARAMS, asked, ALIKE, sampling)


def test_each_is_visited_by_turns(scratch):
    log = []
    assert visit(lambda *parameters: Sampling(parameters[2], log)) == 3
    assert log == [1000, 10] * 3
    assert answers(scratch) == {ASKED: 3, ("numpy", "sin", 10, "cpu-1"): 3}


def test_a_process_that_dies_leaves_what_the_visits_so_far_gave(scratch):
    seen = []

    class Dying(Sampling):
        def visit(self):
            if list(scratch.iterdir()):
                seen.append(list(answers(scratch).values()))
            super().visit()

    visit(lambda *parameters: Dying(parameters[2], []))
    # Before the second's first visit, then before each of the two second and third ones.
    assert seen == [[1], [1, 1], [1, 1], [2, 2], [2, 2]]


def test_a_failure_at_the_first_visit_of_another_one_spares_the_others(scratch):
    class Failing(Sampling):
        def visit(self):
            if self.name == 1000:
                raise MemoryError
            super().visit()

    assert visit(lambda *parameters: Failing(parameters[2], []), ("numpy", "sin", 1, "cpu")) == 3
    assert answers(scratch) == {("numpy", "sin", 1, "cpu"): 3}
    with pytest.raises(MemoryError):
        visit(lambda *parameters: Failing(parameters[2], []))


@pytest.mark.parametrize(("name", "value"), [("_FIRST", -1), ("_BYTES", -1)])
def test_when_time_or_memory_are_short_no_more_are_begun(scratch, monkeypatch, name, value):
    monkeypatch.setattr(batch, name, value)
    assert visit(lambda *parameters: Sampling(parameters[2], [])) == 3
    assert answers(scratch) == {ASKED: 3}


def test_visits_that_find_no_end_are_ended(scratch, monkeypatch):
    monkeypatch.setattr(batch, "_SECONDS", 0.01)

    class Endless(Sampling):
        done = False

    assert visit(lambda *parameters: Endless(parameters[2], [])) > 3
