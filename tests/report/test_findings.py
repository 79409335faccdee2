"""The findings: what is told of two machines, and the notes, which alone are written by hand."""

import pytest

from tests import made_results as made
from tools.releases import release_table
from tools.report import notes, words
from tools.report.facts import worst_inputs
from tools.report.pages import findings
from tools.report.site import Site
from tools.report.steps import between, highlights
from tools.results import history

OLDER, BEFORE, AFTER = "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"

KNOWN = {release.name for release in release_table.load()}

NOTE = """
[[note]]
release = "numpy-1.22.4"
ops = ["exp", "log"]
text = "Vectorised."
url = "%s"
"""


def test_a_note_is_of_its_functions(told, tmp_path):
    file = tmp_path / "notes.toml"
    note = NOTE % "https://numpy.org/"
    file.write_text(note + note.replace("1.22.4", "2.4.6"))
    changed = {BEFORE: (error("exp", 0.5), {}), AFTER: (error("exp", 2.0), {})}
    site, _ = told({"wide": changed})
    site.notes, problems = notes.load(KNOWN, file)
    assert not problems
    assert [note["of"] for note in notes.of_op(site, "exp")] == [["numpy-2.4.6"]]
    assert notes.of_op(site, "sin") == []


@pytest.mark.parametrize(
    "wrong",
    [
        NOTE % "javascript:alert(1)",
        NOTE % "https://numpy.org/" + "dtype = 'float32'",
        NOTE % "https://numpy.org/" + "dtypes = ['float3']",
        NOTE % "https://numpy.org/" + "backends = 'numpy'",
        NOTE % "https://numpy.org/" + "needs = 'AVX-512'",
        (NOTE % "https://numpy.org/").replace("1.22.4", "1.99.0"),
        (NOTE % "https://numpy.org/").replace('"exp"', '"exo"'),
        (NOTE % "https://numpy.org/").replace('["exp", "log"]', '"exp"'),
        (NOTE % "https://numpy.org/").replace('["exp", "log"]', "[]"),
        (NOTE % "https://numpy.org/").replace('"Vectorised."', "7"),
        "[[note]]\nops = ['exp']",
    ],
)
def test_a_note_that_is_none_is_one_line_and_the_others_are_told(tmp_path, wrong):
    file = tmp_path / "notes.toml"
    file.write_text(wrong + NOTE % "https://numpy.org/")
    (note,), (problem,) = notes.load(KNOWN, file)
    assert note["url"] == "https://numpy.org/"
    assert f"{file}, note 1: " in problem
    assert "\n" not in problem


@pytest.mark.parametrize("text", [b"note =", b"note = 3", b"[note]\na = 1", b"\xff", None])
def test_a_file_that_has_no_notes_is_one_line(tmp_path, text):
    file = tmp_path / "notes.toml"
    if text:
        file.write_bytes(text)
    found, (problem,) = notes.load(KNOWN, file)
    assert found == []
    assert str(file) in problem
    assert "\n" not in problem


def test_a_note_is_told_of_what_it_is_true_of_alone():
    note = {"release": AFTER, "ops": ["exp"], "text": "vectorised"}
    step = {"after_release": AFTER, "op": "exp", "dtype": "float32", "backend": "numpy"}
    wide, narrow, both = ({**step, "levels": at} for at in (["v4"], ["v3"], ["v3", "v4"]))
    assert notes.fits(note, narrow)
    for_some = note | {"needs": "v4"}
    told_of = [notes.fits(for_some, one) for one in (wide, both, narrow)]
    assert told_of == [True, True, False]
    assert notes.fits(note | {"dtypes": ["float32"], "backends": ["numpy"]}, wide)
    assert not notes.fits(note | {"dtypes": ["float64"]}, wide)
    assert not notes.fits(note | {"backends": ["tensorflow"]}, wide)
    assert not notes.fits(note | {"ops": ["log"]}, wide)
    assert not notes.fits(note | {"release": BEFORE}, wide)


def test_the_notes_of_this_project_are_of_releases_and_functions_that_it_has():
    found, problems = notes.load(KNOWN)
    assert len(found) >= 40
    assert problems == []


def error(op, value, dtype="float32"):
    return {("numpy", op, dtype, "normal", "cpu"): value}


def time(op, value):
    return {("numpy", op, "float32", 10000, "cpu"): value}


@pytest.fixture
def told(tmp_path):
    """The site and its steps, of results by machine and release."""

    def told(by_machine):
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for machine, of_releases in by_machine.items():
            for name, (errors, times) in of_releases.items():
                made.write(results, name, {made.ULP: errors, made.TIME: times}, machine=machine)
                cpu = {"model": machine, "features": made.V4 if machine == "wide" else made.V3}
                made.write_listing(results, name, [], machine=machine, cpu=cpu)
        site = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
        return site, between.steps(site)

    return told


SLOW, FAST = time("exp", 4e-5), time("exp", 1e-5)


def test_what_was_given_for_speed_is_of_one_machine(told):
    site, steps = told({
        "wide": {BEFORE: (error("exp", 0.5), SLOW), AFTER: (error("exp", 2.0), FAST)},
        "narrow": {BEFORE: (error("exp", 0.5), FAST), AFTER: (error("exp", 0.5), FAST)},
    })  # fmt: skip
    (group,) = findings.facts(site, steps)["trades"]
    (trade,) = group["steps"]
    assert (group["release"], trade["machine"], trade["step_time"]) == (AFTER, "wide", 4)
    assert (trade["before"], trade["after"]) == (0.5, 2.0)


def test_an_error_of_one_machine_and_a_time_of_another_are_not_joined(told):
    site, steps = told({
        "wide": {BEFORE: (error("exp", 0.5), {}), AFTER: (error("exp", 2.0), {})},
        "narrow": {BEFORE: ({}, SLOW), AFTER: ({}, FAST)},
    })  # fmt: skip
    facts = findings.facts(site, steps)
    assert facts["trades"] == facts["gains"] == []
    (errors,), (times,) = facts["errors"]["numpy"], facts["times"]["numpy"]
    assert errors["steps"][0]["machine"] == "wide"
    assert times["steps"][0]["machine"] == "narrow"


def test_a_time_and_an_error_of_two_dtypes_are_not_joined(told):
    site, steps = told({
        "wide": {BEFORE: (error("exp", 0.5, "float16"), SLOW),
                 AFTER: (error("exp", 2.0, "float16"), FAST)},
    })  # fmt: skip
    assert findings.facts(site, steps)["trades"] == []


def test_what_two_machines_show_is_told_once_with_the_level_that_has_it_alone(told):
    site, steps = told({
        "wide": {BEFORE: (error("exp", 0.5) | error("sin", 0.5), {}),
                 AFTER: (error("exp", 2.0) | error("sin", 3.0), {})},
        "narrow": {BEFORE: (error("exp", 0.5) | error("sin", 0.5), {}),
                   AFTER: (error("exp", 2.0) | error("sin", 0.5), {})},
    })  # fmt: skip
    facts = findings.facts(site, steps)
    (group,) = facts["errors"]["numpy"]
    # 0.5 to 3 ULP crosses as many bands as 0.5 to 2 and one more.
    assert [(step["op"], step["where"]) for step in group["steps"]] == [
        ("sin", "with AVX-512 (v4) alone"), ("exp", "")
    ]  # fmt: skip
    assert facts["held"]["numpy"] == [
        {"after_release": AFTER, "where": "with AVX-512 (v4) alone", "verdict": "worse",
         "ops": ["sin float32"]}
    ]  # fmt: skip
    assert facts["alone"] == [
        {"library": "numpy", "all": 2, "where": {"with AVX-512 (v4) alone": 1}}
    ]
    text = " ".join(site.render("findings.html", page="findings.html", title="", **facts).split())
    assert "Of 2 changes of NumPy’s accuracy" in text
    assert 'NumPy 2.4.6, with AVX-512 (v4) alone: <span class="worse">1 less accurate' in text
    assert "in a release), 1 are with AVX-512 (v4) alone." in text
    markdown = site.render("findings.md", whole=True, **facts)
    assert (
        "| numpy-2.4.6 | sin, float32, normal (with AVX-512 (v4) alone) | ≥ 0.5 | ≥ 3 |" in markdown
    )


def test_the_order_is_that_of_versions(told):
    releases = {OLDER: 0.5, BEFORE: 1.0, AFTER: 4.0}
    site, steps = told(
        {"wide": {name: (error("exp", value), {}) for name, value in releases.items()}}
    )
    groups = findings.facts(site, steps)["errors"]["numpy"]
    assert [group["release"] for group in groups] == [BEFORE, AFTER]  # though the second is larger


def test_two_correctly_rounded_results_are_no_change(told):
    _, steps = told({"wide": {BEFORE: (error("exp", 0.3), {}), AFTER: (error("exp", 0.5), {})}})
    assert len(steps) == 1
    assert highlights.errors(steps).is_empty()


def test_an_absurd_error_is_told_by_its_input():
    record = {
        "machine": "wide",
        "release": AFTER,
        "backend": "numpy",
        "device": "cpu",
        "op": "cos",
        "dtype": "float32",
        "kind": "sample",
        "region": "normal",
        "max_ulp": 1.5e51,
        "worst": {
            "input": [{"decimal": "2.0000000000000001e+38"}],
            "got": {"decimal": "-3.25e+45"},
            "exact": "0.7312345678901234567890123",
        },
    }
    step = {name: record[name] for name in ("machine", "backend", "device", "op", "dtype")}
    step |= {"place": "normal", "metric": "max_ulp", "unit": "ulp", "before": 0.56, "after": 1.5e51,
             "before_release": BEFORE, "after_release": AFTER}  # fmt: skip

    class Known:
        worst_records = [record]

    assert worst_inputs.of_step(Known, step) == {
        "release": AFTER, "input": "2e+38", "got": "-3.25e+45", "exact": "0.731235"
    }  # fmt: skip
    assert worst_inputs.of_step(Known, step | {"after": 3.5}) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.514864, "0.5149"),
        (256.0, "256"),
        (29850.4, "29,850"),
        (1.497e51, "1.5·10⁵¹"),
        (1e6, "1.0·10⁶"),
    ],
)
def test_an_error_is_read_at_a_glance(value, text):
    assert words.ulp(value) == text
    assert words.bounded(value, "exact", "float64") == (text if value < 1e15 else NO_DIGIT)
    assert words.bounded(value, "lower", "float64") == (f"≥ {text}" if value < 1e15 else NO_DIGIT)


NO_DIGIT = "no correct digit"


@pytest.mark.parametrize(
    ("dtype", "value", "text"),
    [
        # A result of p bits is 2^(p-1) to 2^p units of its last place.
        ("float16", 1024.0, "1,024"),
        ("float16", 1025.0, NO_DIGIT),
        ("float32", 8388608.0, "8.4·10⁶"),
        ("float32", 8388609.0, NO_DIGIT),
        ("bfloat16", 129.0, NO_DIGIT),
    ],
)
def test_an_error_as_large_as_the_result_leaves_no_digit(dtype, value, text):
    assert words.error(value, dtype) == text


def test_speed_is_told_in_words():
    assert words.speed(65.3, "better") == "65 times as fast"
    assert words.speed(1.44, "worse") == "1.4 times as slow"
    assert words.seconds(1.234e-6) == "1.23 µs"
    assert words.seconds(2e-10) == "0.2 ns"
