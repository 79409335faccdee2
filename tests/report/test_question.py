"""The page of 2017's question, with the roots of a Record and without them."""

import math
from fractions import Fraction

import pytest

from tests import made_results as made
from tools.report.facts import head_to_head, roots_of_2017, seed_question
from tools.report.pages import question
from tools.report.site import Site
from tools.results import history

OLD, NEW, NUMPY = "tensorflow-1.2.0", "tensorflow-2.21.0", "numpy-1.13.1"


def bits(value):
    return {"bits": "0x0", "hex": float(value).hex(), "decimal": repr(float(value))}


def root(number, got, due, exact, ulp):
    return {"input": [bits(number)], "got": bits(got), "correctly_rounded": bits(due),
            "exact": exact, "ulp": ulp}  # fmt: skip


# Of 49 the next float32 above 7, which is 2**-21 more; of 2 the one below the nearest.
WRONG = [
    root(2, 1.41421342, 1.41421354, "1.414213562373095048801689", 1.2),
    root(49, 7 + 2**-21, 7, "7.0", 1.0),
]
RECORD = {"kind": "seed", "region": "seed", "backend": "tensorflow", "device": "cpu", "op": "sqrt",
          "dtype": "float32", "machine": "here", "release": OLD, "inputs": 100, "max_ulp": 1.2,
          "wrong": WRONG}  # fmt: skip


@pytest.fixture
def page(tmp_path):
    def page(records=(), machines=("here",), more=lambda results: None):
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for machine in machines:
            for name, wrong in [(OLD, 2.0), (NEW, 0.0), (NUMPY, 0.0)]:
                number = {(name.split("-")[0], "cpu"): wrong}
                made.write(results, name, {made.SEED: number}, machine=machine)
        more(results)
        table = history.load(results, made.RELEASES)
        site = Site(table, list(records), results, tmp_path / "html")
        question.write(site)
        return site, " ".join((tmp_path / "html" / "question.html").read_text().split())

    return page


def test_the_wrong_roots_are_told_one_by_one(page):
    _, text = page([RECORD])
    assert "2 of 100 roots are not the correctly rounded ones." in text
    assert "Of the 10 perfect squares among the inputs, 1 is wrong: 49." in text
    # Nine digits tell any two float32 apart.
    assert (
        "The farthest is the root of 2: 1.41421342 where 1.41421354 is due, off by 1.2 ULP." in text
    )
    assert "49 = 7²" in text
    assert (7 + 2**-21).hex() in text
    assert text.count('class="wrong square"') == 1
    assert text.count('class="square"') == 9
    assert text.count('class="wrong "') == 1
    assert "tools.measure" not in text


def test_perfect_squares_are_told_by_runs_of_releases(page):
    releases = [OLD, "tensorflow-1.2.1", "tensorflow-1.3.0", "tensorflow-1.4.1"]
    wrong = [WRONG, WRONG, WRONG[:1], WRONG]

    def more(results):
        for name in releases:
            made.write(results, name, {made.SEED: {("tensorflow", "cpu"): 2.0}})

    records = [
        RECORD | {"release": name, "wrong": roots}
        for name, roots in zip(releases, wrong, strict=True)
    ]
    _, text = page(records, more=more)
    assert "TensorFlow, tensorflow-1.2.0 to tensorflow-1.2.1: 49." in text
    assert "TensorFlow, tensorflow-1.4.1: 49." in text


def test_without_a_record_the_page_says_how_to_get_one(page):
    _, text = page()
    assert "Which roots are wrong has not been kept by the results here." in text
    assert f"python -m tools.measure --again -b Seed {OLD}" in text
    assert "TensorFlow 1.2.0: 2 of 100 roots wrong" in text
    assert "Now, TensorFlow 2.21.0: every root right" in text


def test_what_comes_from_a_record_is_escaped(page):
    nasty = root(3, 2, 1.7320508, "<script>1.7", 1.0)
    nasty["got"]["hex"] = "<script>"
    _, text = page([RECORD | {"wrong": [nasty]}])
    assert "<script>1.7" not in text
    assert "<code><script>" not in text
    assert text.count("&lt;script&gt;") == 2
    nasty["got"]["decimal"] = "<script>"  # no number: no page of it
    with pytest.raises(ValueError, match="could not convert"):
        page([RECORD | {"wrong": [nasty]}])


def test_two_machines_that_agree_are_one_answer(page):
    site, text = page([RECORD], machines=("here", "there"))
    answers = {one["backend"]: one for one in seed_question.right_since(site)}
    assert answers["tensorflow"]["on"] == answers["numpy"]["on"] == site.machines
    assert answers["tensorflow"]["wrong"] == 2
    assert answers["tensorflow"]["right"] == "2.21.0"
    assert "Then, TensorFlow 1.2.0: 2 of 100 roots wrong (here and there)." in text
    assert "Now, TensorFlow 2.21.0: every root right (here and there)." in text


def test_two_machines_that_differ_are_two_answers(page):
    def other(results):
        made.write(results, OLD, {made.SEED: {("tensorflow", "cpu"): 3.0}}, machine="there")

    site, _ = page(machines=("here", "there"), more=other)
    answers = [one for one in seed_question.right_since(site) if one["backend"] == "tensorflow"]
    assert sorted((one["wrong"], one["on"]) for one in answers) == [(2, ["here"]), (3, ["there"])]


def test_a_machine_that_measured_one_release_knows_nothing_of_since_when(page):
    def other(results):
        made.write(results, NEW, {made.SEED: {("tensorflow", "cpu"): 0.0}}, machine="there")

    site, _ = page(more=other)
    (answer,) = [one for one in seed_question.right_since(site) if one["backend"] == "tensorflow"]
    assert (answer["right"], answer["on"]) == ("2.21.0", ["here"])


def test_each_function_says_which_library_to_take(page):
    def more(results):
        both = [("numpy-2.4.6", 2.5, {1: 1, 1000: 1}), (NEW, 1.25, {1: 3, 1000: 0.5})]
        for name, ulp, scale in both:
            library = name.split("-")[0]
            times = {(library, "exp", "float32", size, "cpu"): many * 1e-6
                     for size, many in scale.items()}  # fmt: skip
            errors = {(library, "exp", "float32", "normal", "cpu"): ulp}
            made.write(results, name, {made.TIME: times}, machine="there")
            made.write(results, name, {made.ULP: errors})

    site, text = page(more=more)
    (row,) = head_to_head.table(site)["rows"]
    assert (
        row["take"] == "TensorFlow: more accurate; NumPy: faster on 1; TensorFlow: faster on 1,000"
    )
    assert "Errors: tensorflow-2.21.0 and numpy-2.4.6 on here." in text
    assert "eager: tensorflow-2.21.0 and numpy-2.4.6 on there." in text


def test_the_printout_of_2017():
    """As posted: NumPy's roots are all right; 56 of TensorFlow's are not, among them those of 1, 4,
    9, 16, 36, 49, 64 and 81."""
    posted = roots_of_2017.printed()
    wrong = {
        library: [n for n, root in enumerate(roots) if not nearest_root(n, float(root))]
        for library, roots in posted.items()
    }
    assert wrong["numpy"] == []
    assert len(wrong["tensorflow"]) == 56
    assert {1, 4, 9, 16, 36, 49, 64, 81} <= set(wrong["tensorflow"])
    assert float(posted["tensorflow"][1]) == 1 - 2**-24


def nearest_root(n, root):
    """Whether no float32 is nearer to √n than ``root``: by the squares of the halfway points."""
    if n == 0:
        return root == 0
    spacing = Fraction(2) ** (math.frexp(root)[1] - 24)
    low, high = Fraction(root) - spacing / 2, Fraction(root) + spacing / 2
    return low**2 <= n <= high**2


def test_the_same_wheel_gives_the_printout_on_the_machine_of_its_maker(page):
    posted = roots_of_2017.printed()["tensorflow"]
    wrong = [root(n, float(got), math.sqrt(n), "", 1.0) for n, got in enumerate(posted)
             if not nearest_root(n, float(got))]  # fmt: skip
    intel = RECORD | {"machine": "intel", "wrong": wrong}
    amd = RECORD | {"machine": "amd"}

    def listings(results):
        for machine, model in [("intel", "Intel(R) Xeon(R) Processor"), ("amd", "AMD EPYC")]:
            cpu = {"model": model, "features": []}
            made.write_listing(results, OLD, [], machine=machine, cpu=cpu)

    _, text = page([intel, amd], ("intel", "amd"), listings)
    assert "NumPy has none of the 100 roots wrong, TensorFlow 56." in text
    assert (
        "on an Intel CPU (intel): 56 wrong, and all 100 results are those printed in 2017" in text
    )
    assert "on an AMD CPU (amd): 2 wrong, other results than those printed." in text
    assert "So the question was asked on an Intel CPU." in text
