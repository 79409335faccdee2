"""The command that compares: verdicts worked out by hand, its JSON, its exit codes."""

import json
import re
import subprocess

import pytest

from tests.made_results import (
    SEARCH,
    SEED,
    TIME,
    ULP,
    record,
    write,
    write_benchmarks,
    write_listing,
)
from tools import compare
from tools.releases import release_table
from tools.results import records

OLD, NEW, TF = "numpy-2.0.2", "numpy-2.1.3", "tensorflow-2.17.1"
EXP = ("numpy", "exp", "float32", "normal", "cpu")
SIN = ("numpy", "sin", "float32", "normal", "cpu")
EXP16 = ("numpy", "exp", "float16", "normal", "cpu")
SIN16 = ("numpy", "sin", "float16", "normal", "cpu")


def of(backend, key):
    return (backend, *key[1:])


def seconds(backend, op, size):
    return (backend, op, "float32", size, "cpu")


@pytest.fixture(autouse=True)
def this_machine(monkeypatch):
    """Has no name, as where nothing was measured; a test may give it one."""
    monkeypatch.setattr(compare, "name_here", lambda: None)


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "RESULTS", tmp_path / "results")
    write_benchmarks(compare.RESULTS)
    return compare.RESULTS


@pytest.fixture
def two(results):
    """Two releases of NumPy, with one of each verdict."""
    write(results, OLD, {
        ULP: {EXP: 0.5, SIN: 2.0, EXP16: 0.5},
        TIME: {seconds("numpy", "exp", 1): (0.9e-6, 1.0e-6, 1.1e-6),
               seconds("numpy", "exp", 1000): (0.9e-6, 1.0e-6, 1.1e-6)},
        SEARCH: {SIN: 1.00},
        SEED: {("numpy", "cpu"): 0},
    })  # fmt: skip
    write(results, NEW, {
        ULP: {EXP: 1.5, SIN: 1.0, SIN16: 0.6},
        TIME: {seconds("numpy", "exp", 1): (2.9e-6, 3.0e-6, 3.1e-6),
               seconds("numpy", "exp", 1000): (0.9e-6, 1.2e-6, 1.3e-6)},
        SEARCH: {SIN: 1.04},
        SEED: {("numpy", "cpu"): 0},
    })  # fmt: skip
    write_listing(results, OLD, [["numpy", None, "sin", "float16", "too old for it"]])
    write_listing(results, NEW, [])


def run(capsys, *args):
    code = compare.main(list(args))
    return code, *capsys.readouterr()


def as_json(capsys, *args):
    code, out, errors = run(capsys, *args, "--format", "json")
    assert (code, errors) == (0, "")
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def verdicts(document):
    return {
        (row["metric"], row["op"], row["dtype"], row["region"] or row["size"]): row["verdict"]
        for row in document["rows"]
    }


def test_every_number_gets_its_verdict(two, capsys):
    assert verdicts(as_json(capsys, OLD, NEW)) == {
        ("max_ulp", "exp", "float32", "normal"): "worse",  # 0.5 → 1.5
        ("time", "exp", "float32", 1): "worse",  # 1.0 → 3.0 µs
        ("max_ulp", "sin", "float32", "normal"): "better",  # 2.0 → 1.0
        ("time", "exp", "float32", 1000): "noise",  # 20 % more, but the quartiles overlap
        ("max_ulp_search", "sin", "float32", "normal"): "noise",  # 4 % more
        ("seed_example", None, None, None): "same",
        ("max_ulp", "exp", "float16", "normal"): "gone",
        ("max_ulp", "sin", "float16", "normal"): "unavailable",
    }


def test_what_was_not_measured_before_is_new(two, capsys):
    rows = as_json(capsys, NEW, OLD)["rows"]
    assert [row["op"] for row in rows if row["verdict"] == "new"] == ["exp"]


def test_the_json_is_as_documented(two, capsys):
    document = as_json(capsys, OLD, NEW)
    rows = document.pop("rows")
    assert document == {
        "version": 1,
        "before": {"library": "numpy", "version": "2.0.2", "date": "2024-08-26", "python": None},
        "after": {"library": "numpy", "version": "2.1.3", "date": "2024-11-02", "python": None},
        "machine": "here",
        "why": "it has the most of both",
        "notes": [],
    }
    documented = re.findall(r"^  (\w[\w, ]*?)(?:  |$)", compare.__doc__.split("rows", 1)[1], re.M)
    names = {name for line in documented for name in line.split(", ")}
    assert all(set(row) == names for row in rows)
    assert rows[0] == {
        "metric": "max_ulp", "unit": "ulp", "op": "exp", "dtype": "float32", "device": "cpu",
        "region": "normal", "size": None, "variant": None, "backend": "numpy",
        "before_backend": "numpy", "after_backend": "numpy", "before": 0.5, "after": 1.5,
        "ratio": 3.0, "verdict": "worse", "floor": None, "assumed": False,
        "bound": "lower bound", "note": None,
    }  # fmt: skip
    (missing,) = (row for row in rows if row["verdict"] == "unavailable")
    assert missing["note"] == "before: too old for it"
    assert (missing["before"], missing["after"], missing["ratio"]) == (None, 0.6, None)


def test_what_got_worse_comes_first_and_the_largest_ratio_first(results, capsys):
    write(results, OLD, {ULP: {EXP: 0.5, SIN: 0.5, EXP16: 4.0, SIN16: 0.0}})
    write(results, NEW, {ULP: {EXP: 1.0, SIN: 5.0, EXP16: 1.0, SIN16: 1.0}})
    rows = as_json(capsys, OLD, NEW)["rows"]
    assert [row["ratio"] for row in rows] == [None, 10.0, 2.0, 0.25]  # from 0 is the largest


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--metric", "speed"], {"time"}),
        (["--metric", "accuracy"], {"max_ulp", "max_ulp_search", "seed_example"}),
        (["--op", "exp"], {"max_ulp", "time"}),
        (["--op", "exp,sin"], {"max_ulp", "time", "max_ulp_search"}),
        (["--op", "exp", "--dtype", "float16"], {"max_ulp"}),
        (["--device", "cpu", "--metric", "speed"], {"time"}),
    ],
)
def test_options_choose_the_rows(two, capsys, options, left):
    code, out, _ = run(capsys, OLD, NEW, "--format", "json", *options)
    if options[-1] == "float16":  # nothing that both have
        assert code == 3
    else:
        assert {row["metric"] for row in json.loads(out)["rows"]} == left


@pytest.mark.parametrize("name", ["numpy-2.1.3", "numpy==2.1.3", "numpy"])
def test_releases_go_by_the_names_that_the_table_knows(results, capsys, name):
    newest = compare.find("numpy", compare.load())
    for release in {OLD, NEW, newest.name}:
        write(results, release, {ULP: {EXP: 0.5}})
    due = newest.version if name == "numpy" else "2.1.3"
    assert as_json(capsys, "numpy==2.0.2", name)["after"]["version"] == due


def test_numpy_stands_beside_each_backend_of_tensorflow(results, capsys):
    write(results, NEW, {ULP: {EXP: 0.5}, TIME: {seconds("numpy", "exp", 1): (1.0, 1.0, 1.0)}})
    write(results, TF, {ULP: {of("tensorflow", EXP): 1.0},
                        TIME: {seconds("tensorflow", "exp", 1): (0.5, 0.5, 0.5)}})  # fmt: skip
    for names, due in (((NEW, TF), ("worse", "better")), ((TF, NEW), ("better", "worse"))):
        rows = as_json(capsys, *names)["rows"]
        assert {row["backend"] for row in rows} == {"tensorflow"}
        both = {(row["before_backend"], row["after_backend"]) for row in rows}
        assert both == {tuple(name.split("-")[0] for name in names)}
        by_metric = {row["metric"]: row["verdict"] for row in rows}
        assert (by_metric["max_ulp"], by_metric["time"]) == due


def test_an_exact_maximum_is_not_compared_with_a_lower_bound(results, capsys):
    for name in (OLD, NEW):
        write(results, name, {ULP: {EXP16: 0.5, SIN: 1.0}})
    swept = record("exact", dtype="float16", max_ulp=0.5)
    records.merge(records.path(results, "here", OLD), [swept])
    rows = [row for row in as_json(capsys, OLD, NEW)["rows"] if row["op"] == "exp"]
    assert {(row["verdict"], row["bound"], row["ratio"]) for row in rows} == {
        ("gone", "exact", None), ("new", "lower bound", None),
    }  # fmt: skip


def test_the_noise_floor_of_the_machine_counts(two, results, capsys):
    floor = dict.fromkeys(["benchmark", "backend", "op", "dtype", "size", "device"])
    (results / "here" / "noise.jsonl").write_text(json.dumps(floor | {"floor": 2.5}) + "\n")
    rows = as_json(capsys, OLD, NEW, "--metric", "speed")["rows"]
    assert {(row["floor"], row["verdict"]) for row in rows} == {(2.5, "same")}


def test_the_machine_with_most_in_common_is_taken_and_the_others_are_named(results, capsys):
    for name, error in ((OLD, 0.5), (NEW, 1.5)):
        write(results, name, {ULP: {EXP: error, SIN: error}})
        write(results, name, {ULP: {EXP: 9.0}}, machine="elsewhere")
    document = as_json(capsys, OLD, NEW)
    assert document["machine"] == "here"
    assert document["notes"] == ["There are results of other machines too: --machine elsewhere."]
    document = as_json(capsys, OLD, NEW, "--machine", "elsewhere")
    assert [row["verdict"] for row in document["rows"]] == ["same"]


@pytest.mark.parametrize("options", [[], ["--machine", "here"]])
def test_releases_measured_on_different_machines_are_not_compared(results, capsys, options):
    write(results, OLD, {ULP: {EXP: 0.5}})
    write(results, NEW, {ULP: {EXP: 1.5}}, machine="elsewhere")
    code, out, errors = run(capsys, OLD, NEW, "--fail-on", "worse", *options)
    assert (code, out) == (3, "")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"model": "Xeon"}, {"model": "EPYC"}),
        # Virtual ones are all called the same.
        (
            {"model": "EPYC", "features": ["avx2"]},
            {"model": "EPYC", "features": ["avx2", "avx512f"]},
        ),
    ],
)
def test_one_name_for_two_cpus_is_two_machines(two, results, capsys, old, new):
    for name, cpu in ((OLD, old), (NEW, new)):
        write_listing(results, name, [], cpu=cpu)
    code, out, errors = run(capsys, OLD, NEW, "--fail-on", "worse")
    assert (code, out) == (3, "")
    assert old["model"] in errors
    assert new["model"] in errors


def test_a_flag_of_the_kernel_makes_no_other_processor(two, results, capsys):
    for name, flag in ((OLD, "rep_good"), (NEW, "ibpb_exit_to_user")):
        write_listing(results, name, [], cpu={"model": "EPYC", "features": ["avx2", flag]})
    assert run(capsys, OLD, NEW)[0] == 0


def test_another_c_library_is_said(two, results, capsys):
    for name, libc in ((OLD, "glibc 2.31"), (NEW, "glibc 2.36")):
        write_listing(results, name, [], libc=libc)
    (note,) = as_json(capsys, OLD, NEW)["notes"]
    assert "glibc 2.31 before, glibc 2.36 after" in note


OTHER_PYTHON = (
    "numpy-2.1.3 was measured on Python 3.12, numpy-2.0.2 on 3.9: part of a difference between "
    "short calls may be Python's."
)


def test_times_that_another_python_may_have_changed_are_said_to_be(two, results, capsys):
    for name, python in ((OLD, "Python 3.9.21"), (NEW, "Python 3.12.4")):
        write_listing(results, name, [], python=python)
    document = as_json(capsys, OLD, NEW)
    assert document["notes"] == [OTHER_PYTHON]
    assert [document[side]["python"] for side in ("before", "after")] == ["3.9", "3.12"]
    assert OTHER_PYTHON in run(capsys, OLD, NEW)[1].splitlines()
    escaped = OTHER_PYTHON.replace("'", "&#x27;")
    assert escaped in run(capsys, OLD, NEW, "--format", "markdown")[1].splitlines()
    assert as_json(capsys, OLD, NEW, "--metric", "accuracy")["notes"] == []


@pytest.mark.parametrize("python", ["Python 3.12.10", None])
def test_another_patch_of_python_or_none_that_is_known_is_not_said(two, results, capsys, python):
    write_listing(results, OLD, [], python="Python 3.12.4")
    write_listing(results, NEW, [], **({"python": python} if python else {}))
    assert as_json(capsys, OLD, NEW)["notes"] == []


@pytest.mark.parametrize(
    ("args", "due"),
    [
        ([OLD, NEW], 0),
        ([OLD, NEW, "--fail-on", "worse"], 1),
        ([OLD, NEW, "--fail-on", "worse", "--op", "sin"], 0),
        ([OLD, "numpy-9.9"], 2),
        ([OLD, OLD], 2),
        ([OLD, NEW, "--op", "sine"], 2),
        ([OLD, NEW, "--machine", "nowhere"], 2),
        ([OLD, "numpy-1.13.1"], 3),
        (["numpy-1.13.1", NEW], 3),
        ([OLD, NEW, "--device", "gpu"], 3),
    ],
)
def test_exit_codes_and_errors_of_one_line(two, capsys, args, due):
    code, out, errors = run(capsys, *args)
    assert code == due
    assert errors.count("\n") == (1 if due in (2, 3) else 0)
    assert bool(out) == (due in (0, 1))


def test_a_damaged_file_is_named_and_the_exit_code_says_so(two, results, capsys):
    file = results / "here" / "records" / f"{OLD}.jsonl"
    file.parent.mkdir()
    file.write_text('{"backend": ')
    code, out, errors = run(capsys, OLD, NEW, "--fail-on", "worse")
    assert code == 2
    assert file.name in errors
    assert "worse: max_ulp" in out  # all else goes on


@pytest.mark.parametrize("kind", ["environments", "noise"])
@pytest.mark.parametrize("text", ["{", "[]", '{"cpu": "one", "floor": "much"}'])
def test_a_damaged_file_that_decides_is_one_line_and_no_verdict(two, results, capsys, kind, text):
    file = results / "here" / ("noise.jsonl" if kind == "noise" else f"{kind}/{OLD}.jsonl")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    code, out, errors = run(capsys, OLD, NEW, "--fail-on", "worse")
    assert (code, out) == (2, "")
    assert f"error: {file}, line 1: " in errors
    assert "Traceback" not in errors


def test_without_the_results_of_a_damaged_file_nothing_can_be_compared(two, results, capsys):
    next((results / "here").glob("*.json")).write_text("{")
    write(results, OLD, {ULP: {EXP: 0.5}}).write_text("{")
    code, _, errors = run(capsys, OLD, NEW)
    assert code == 2
    assert "nothing could be compared" in errors


def test_the_table_shows_worse_then_better_then_counts(two, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(capsys, OLD, NEW)
    assert code == 0
    places = [out.index(text) for text in (
        "numpy-2.0.2 (2024-08-26) → numpy-2.1.3 (2024-11-02), on here",
        "worse: max_ulp (ulp), numpy", "better: max_ulp (ulp), numpy", "accuracy",
    )]  # fmt: skip
    assert places == sorted(places)
    assert re.search(r"^exp +float32 +normal +≥ 0.5 +≥ 1.5 +× 3$", out, re.M)
    assert re.search(r"^exp +float32 +1 +1.00μs +3.00μs +× 3$", out, re.M)
    assert re.search(r"^speed +1 +0 +1 +0 +0 +0 +0$", out, re.M)
    assert re.search(r"^accuracy +1 +1 +1 +1 +0 +1 +1$", out, re.M)
    assert max(map(len, out.splitlines())) <= 80


def test_numbers_have_digits_enough_to_differ(results, capsys):
    write(results, OLD, {ULP: {EXP: 0.50001}})
    write(results, NEW, {ULP: {EXP: 0.50002}})
    _, out, _ = run(capsys, OLD, NEW)
    assert re.search(r"≥ 0.50001 +≥ 0.50002 +× 1.00002$", out, re.M)


def test_markdown_escapes_what_comes_from_results(two, results, capsys):
    file = results / "benchmarks.json"
    evil = "u|l<img src=x>"
    file.write_text(file.read_text().replace('"ulp"', json.dumps(evil)))
    _, out, _ = run(capsys, OLD, NEW, "--format", "markdown")
    assert "<img" not in out
    assert "u\\|l&lt;img src=x&gt;" in out
    assert re.search(r"^\| exp +\| float32 +\| normal +\|", out, re.M)


def test_measure_asks_for_what_the_options_name(results, monkeypatch, capsys):
    asked = []

    def measure(before, after, regexes, machine):
        asked.extend(regexes)
        for release in (before, after):
            write(results, release.name, {ULP: {EXP: 0.5}})
        return "here"

    monkeypatch.setattr(compare, "measure", measure)
    options = ["--measure", "--op", "exp", "--metric", "accuracy"]
    assert run(capsys, OLD, NEW, *options)[0] == 0
    # asv holds a regex against "name('numpy', 'exp', …)".
    known = [f"{ULP}('numpy', 'exp', 'float32', 'normal', 'cpu')",
             f"{SEARCH}('tensorflow', 'exp', 'float32', 'normal', 'cpu')",
             f"{ULP}('numpy', 'sin', 'float32', 'normal', 'cpu')",
             f"{TIME}('numpy', 'exp', 'float32', 1000, 'cpu')",
             f"{SEED}('numpy', 'cpu')"]  # fmt: skip
    chosen = [name for name in known if any(re.search(regex, name) for regex in asked)]
    assert chosen == known[:2]


@pytest.mark.parametrize(("exit_code", "due"), [(0, 0), (3, 0), (4, 0), (2, 2), (130, 2)])
def test_measuring_is_the_drivers_work(two, monkeypatch, capsys, exit_code, due):
    commands = []

    def start(command, **options):
        assert not options.get("shell")
        commands.append(command)
        return subprocess.CompletedProcess(command, exit_code)

    monkeypatch.setattr(compare.subprocess, "run", start)
    monkeypatch.setattr(compare, "this_machine", lambda: "here")
    assert run(capsys, OLD, NEW, "--measure", "--op", "exp")[0] == due
    ((_, *command),) = commands
    assert command[:3] == ["-m", "tools.measure", "--bench"]
    assert command[-1] == f"{OLD} {NEW}"


@pytest.mark.parametrize(
    ("known", "asked", "machine", "why"),
    [
        (None, None, "there", "it has the most of both"),
        ("vm", None, "there", "it has the most of both; this machine, vm, lacks one"),
        ("here", None, "here", "this machine"),
        ("here", "there", "there", "as asked for"),
    ],
)
def test_the_first_line_says_whose_numbers_they_are_and_why(
    results, monkeypatch, capsys, known, asked, machine, why
):
    for name, keys in (("here", [EXP]), ("there", [EXP, SIN])):
        for release in (OLD, NEW):
            write(results, release, {ULP: dict.fromkeys(keys, 0.5)}, machine=name)
    monkeypatch.setattr(compare, "name_here", lambda: known)
    _, out, _ = run(capsys, OLD, NEW, *(["--machine", asked] if asked else []))
    assert out.splitlines()[0] == f"The numbers are of {machine}: {why}."


def test_what_was_measured_here_is_what_is_compared(results, monkeypatch, capsys):
    for release in (OLD, NEW):  # more of them
        write(results, release, {ULP: {EXP: 0.5, SIN: 0.5}}, machine="there")

    def measure(before, after, regexes, machine):
        for release in (before, after):
            write(results, release.name, {ULP: {EXP: 0.75}}, machine="here")
        return "here"

    monkeypatch.setattr(compare, "measure", measure)
    found = as_json(capsys, OLD, NEW, "--measure")
    assert found["machine"] == "here"
    assert [row["before"] for row in found["rows"]] == [0.75]


def test_a_side_that_could_not_be_measured_here_is_nothing_to_compare(two, monkeypatch, capsys):
    monkeypatch.setattr(compare, "measure", lambda *_: "new")
    code, _, errors = run(capsys, OLD, NEW, "--measure", "--op", "exp")
    assert code == 3
    assert "on new" in errors


def test_the_newest_release_has_nothing_newer(two, capsys):
    newest = max(
        (one for one in release_table.load() if one.library == "numpy"), key=lambda r: r.parsed
    )
    code, out, _ = run(capsys, newest.requirement, "numpy", "--fail-on", "worse")
    assert (code, out) == (0, f"nothing newer than {newest.name}: there is nothing to compare\n")


@pytest.mark.parametrize(("option", "names"), [("--op", ""), ("--dtype", ",")])
def test_a_filter_that_names_nothing_is_an_error(two, capsys, option, names):
    with pytest.raises(SystemExit) as stopped:
        run(capsys, OLD, NEW, option, names)
    assert stopped.value.code == 2
    assert f"argument {option}: names nothing" in capsys.readouterr().err


def test_a_release_that_the_table_lacks_names_the_command_that_adds_it(two, capsys):
    code, _, errors = run(capsys, "numpy==1.26.3", NEW)
    assert code == 2
    assert "`python -m tools.releases update numpy==1.26.3`" in errors


def test_another_machine_cannot_be_measured_from_here(two, monkeypatch, capsys):
    monkeypatch.setattr(compare, "this_machine", lambda: "elsewhere")
    code, _, errors = run(capsys, OLD, NEW, "--measure", "--machine", "here")
    assert code == 2
    assert "elsewhere" in errors
