"""How large a step is and which comes first, worked out by hand."""

import pytest

from tests import made_results as made
from tools.report.site import Site
from tools.report.steps import between, by_function
from tools.results import history

OLDER, BEFORE, AFTER = "numpy-2.2.6", "numpy-2.3.5", "numpy-2.4.6"


@pytest.fixture
def steps_of(tmp_path):
    def steps_of(numbers):
        """What changes.py makes of numbers by release, benchmark and key."""
        results = tmp_path / "results"
        made.write_benchmarks(results)
        for name, found in numbers.items():
            made.write(results, name, found)
        table = history.load(results, made.RELEASES)
        return between.steps(Site(table, [], results, tmp_path / "html"))

    return steps_of


@pytest.fixture
def steps(steps_of):
    def steps(benchmark, key, before, after):
        """What changes.py makes of one number of two releases."""
        return steps_of({BEFORE: {benchmark: {key: before}}, AFTER: {benchmark: {key: after}}})

    return steps


ERROR = made.ULP, ("numpy", "exp", "float32", "normal", "cpu")
COUNT = made.SEED, ("numpy", "cpu")
TIME = made.TIME, ("numpy", "exp", "float32", 1000, "cpu")


@pytest.mark.parametrize(
    ("number", "before", "after", "ratio"),
    [
        (ERROR, 0.0, 1.0, 2),  # from half an ULP on
        (ERROR, 1.0, 0.0, 2),
        (ERROR, 0.3, 0.5, 1),  # both correctly rounded
        (ERROR, 0.5, 0.0, 1),
        (ERROR, 1.5, 6.0, 4),
        (ERROR, 6.0, 0.75, 8),
        (COUNT, 0.0, 38.0, 39),  # counts from one on
        (TIME, 2e-6, 5e-6, 2.5),
        (TIME, 5e-6, 2e-6, 2.5),
    ],
)
def test_the_size_of_a_step_is_a_ratio(steps, number, before, after, ratio):
    (step,) = steps(*number, before, after).to_dicts()
    assert step["step"] == pytest.approx(ratio)
    assert step["verdict"] == ("worse" if after > before else "better")


def test_no_step_is_no_row(steps):
    assert steps(*ERROR, 0.5, 0.5).is_empty()


ENDS = ("metric", "before_release", "after_release", "gap")


def test_a_search_says_nothing_of_releases_that_have_none(steps_of):
    (ulp, key), search = ERROR, made.SEARCH
    found = steps_of({
        OLDER: {ulp: {key: 2.0}, search: {key: 3.0}},
        BEFORE: {ulp: {key: 0.5}},
        AFTER: {ulp: {key: 0.5}, search: {key: 1.0}},
    })  # fmt: skip
    assert found.select(ENDS).rows() == [("max_ulp", OLDER, BEFORE, False)]


def test_a_step_over_a_release_without_that_number_says_so(steps_of):
    (ulp, key), (time, timed) = ERROR, TIME
    found = steps_of({
        OLDER: {ulp: {key: 2.0}},
        BEFORE: {time: {timed: 1e-3}},
        AFTER: {ulp: {key: 0.5}},
    })  # fmt: skip
    assert found.select(ENDS).rows() == [("max_ulp", OLDER, AFTER, True)]


def test_a_release_of_the_other_library_is_no_gap(steps_of):
    ulp, key = made.ULP, ("tensorflow", "exp", "float32", "normal", "cpu")
    found = steps_of({
        "tensorflow-2.20.0": {ulp: {key: 2.0}},
        "numpy-2.3.5": {ulp: {ERROR[1]: 2.0}},
        "tensorflow-2.21.0": {ulp: {key: 0.5}},
    })  # fmt: skip
    assert found.select(ENDS).rows() == [
        ("max_ulp", "tensorflow-2.20.0", "tensorflow-2.21.0", False)
    ]


def test_an_error_that_leaves_a_band_comes_before_a_large_ratio(steps_of):
    """0.4 → 0.9 ULP is not correctly rounded any more; 5 → 40 was over 4 and is; 9e5 → 3e6 in
    float16 has no correct digit on either side; a time is ten times as long."""
    (ulp, exp), (time, timed) = ERROR, TIME
    sin, half = ("numpy", "sin", *exp[2:]), ("numpy", "sin", "float16", *exp[3:])
    found = steps_of({
        BEFORE: {ulp: {exp: 5.0, sin: 0.4, half: 9e5}, time: {timed: 1e-6}},
        AFTER: {ulp: {exp: 40.0, sin: 0.9, half: 3e6}, time: {timed: 1e-5}},
    })  # fmt: skip
    assert found.select("metric", "op", "dtype", "crossed").rows() == [
        ("max_ulp", "sin", "float32", 1),
        ("time", "exp", "float32", 0),
        ("max_ulp", "exp", "float32", 0),
        ("max_ulp", "sin", "float16", 0),
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amd3", "amd4", "intel4"}, ""),
        ({"amd4", "intel4"}, "with AVX-512 (v4) alone"),
        ({"amd3", "amd4"}, "on CPUs of AMD alone"),
    ],
)
def test_a_step_says_at_which_level_or_on_whose_processor_alone_it_is(tmp_path, changed, told):
    results, (ulp, key) = tmp_path / "results", ERROR
    made.write_benchmarks(results)
    cpus = {"amd3": ("AMD", made.V3), "amd4": ("AMD", made.V4), "intel4": ("Intel", made.V4)}
    for machine, (model, features) in cpus.items():
        for name, value in ((BEFORE, 0.75), (AFTER, 1.5 if machine in changed else 0.75)):
            made.write(results, name, {ulp: {key: value}}, machine=machine)
            cpu = {"model": model, "features": features}
            made.write_listing(results, name, [], machine=machine, cpu=cpu)
    site = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
    found = between.steps(site)
    assert set(found["machine"]) == changed
    assert set(found["where"]) == {told}


@pytest.mark.parametrize(
    ("other", "told"), [("v4", "with AVX512_FP16 alone"), ("v3", "with AVX-512 (v4) alone")]
)
def test_a_step_of_a_processor_that_computes_in_float16_is_no_makers(tmp_path, other, told):
    """NumPy 2.3 does so where there is AVX512_FP16. One without that, of the same level, has to be
    known to tell that it is not all of AVX-512."""
    results, key = tmp_path / "results", ("numpy", "exp", "float16", "normal", "cpu")
    made.write_benchmarks(results)
    less = made.V4 if other == "v4" else made.V3
    for machine, model, features in [
        ("a", "AMD", less),
        ("b", "Intel", [*made.V4, "avx512_fp16"]),
    ]:
        for name, value in ((BEFORE, 0.5), (AFTER, 3.0 if machine == "b" else 0.5)):
            made.write(results, name, {made.ULP: {key: value}}, machine=machine)
            cpu = {"model": model, "features": features}
            made.write_listing(results, name, [], machine=machine, cpu=cpu)
    site = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
    assert set(between.steps(site)["where"]) == {told}


def test_a_step_over_a_gap_is_no_ones_alone(tmp_path):
    """`few` lacks the release in between, in which it changed elsewhere."""
    results, (ulp, key) = tmp_path / "results", ERROR
    made.write_benchmarks(results)
    errors = {OLDER: 0.5, BEFORE: 3.0, AFTER: 3.0}
    for machine, model in [("all", "AMD"), ("few", "Intel")]:
        for name, value in errors.items():
            if (machine, name) != ("few", BEFORE):
                made.write(results, name, {ulp: {key: value}}, machine=machine)
                cpu = {"model": model, "features": made.V3}
                made.write_listing(results, name, [], machine=machine, cpu=cpu)
    site = Site(history.load(results, made.RELEASES), [], results, tmp_path / "html")
    found = between.steps(site).select("machine", "after_release", "where").sort("machine")
    assert found.rows() == [("all", BEFORE, ""), ("few", AFTER, "")]
    # It is in the release's table, and not among what the release is said to have changed.
    later = by_function.accuracy(between.steps(site).filter(after_release=AFTER))
    assert [row["before_release"] for row in later] == [OLDER]
    assert by_function.words(later, []) == "no function’s error or speed changed"
    earlier = by_function.accuracy(between.steps(site).filter(after_release=BEFORE))
    assert by_function.words(earlier, []) == "1 function is less accurate"
