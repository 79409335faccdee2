"""Real environments: what is in them, when they are kept, when they are made anew."""

import dataclasses
import datetime as dt
import functools
import json
import shutil
import subprocess

import pytest

from tools.environments import environment
from tools.environments.environment import MARKER, ReleaseUnavailable, ensure, listing
from tools.foundation.pythons import NoInterpreter, find_python
from tools.releases.release_table import Release, find, load

RELEASES = ["numpy-1.13.1", "numpy-2.4.6"]
PYTHONS = sorted({release.python for release in load()})


def release_named(name):
    """The release; skips the test where its Python is not to be had."""
    release = find(name, load())
    try:
        find_python(release.python)
    except NoInterpreter as error:
        pytest.skip(f"{name} {error}")
    return release


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Makes environments by name, all in one folder, each once."""
    env_dir = tmp_path_factory.mktemp("env")
    return functools.cache(lambda name: ensure(release_named(name), env_dir))


def ask(path, code):
    """What ``code`` prints as JSON, in the environment."""
    command = [path / "bin" / "python", "-c", f"import json, sys; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", RELEASES)
def test_holds_the_release_and_nothing_else(make, name):
    path = make(name)
    assert listing(path)["packages"] == [name.replace("-", "==")]
    assert ask(path, "import numpy; print(json.dumps(numpy.__version__))") == name.split("-")[1]
    spec = "import importlib.util as u; print(json.dumps(u.find_spec('tensorflow') is None))"
    assert ask(path, spec) is True


@pytest.mark.parametrize("name", RELEASES)
def test_runs_the_python_of_the_table(make, name):
    minor = find(name, load()).python
    version = ask(make(name), "print(json.dumps(sys.version_info[:2]))")
    assert version == [int(part) for part in minor.split(".")]
    assert listing(make(name))["python"].startswith(f"Python {minor}.")


@pytest.mark.parametrize("name", RELEASES)
def test_harness_comes_last_and_works(make, name):
    path = make(name)
    search_path = ask(path, "print(json.dumps(sys.path))")
    assert search_path[-1] == str(path.parent / "harness")
    assert search_path[-2].endswith("site-packages")
    files = ask(
        path,
        "import asv_runner.benchmarks, mpmath;"
        "print(json.dumps([asv_runner.__file__, mpmath.__file__]))",
    )
    assert all(file.startswith(f"{path.parent / 'harness'}/") for file in files)


@pytest.mark.parametrize("name", RELEASES)
def test_second_ensure_keeps_it(make, name):
    path = make(name)
    before = (path / MARKER).stat().st_mtime_ns
    assert ensure(release_named(name), path.parent) == path
    assert (path / MARKER).stat().st_mtime_ns == before


def without_package(path):
    shutil.rmtree(next(path.glob("lib/python3*/site-packages/numpy")))


def without_listing_of_package(path):
    shutil.rmtree(next(path.glob("lib/python3*/site-packages/numpy-*.dist-info")))


def without_marker(path):
    (path / MARKER).unlink()


def with_half_a_marker(path):
    text = (path / MARKER).read_text()
    (path / MARKER).write_text(text[: len(text) // 2])


def without_interpreter(path):
    link = path / "bin" / "python"
    link.unlink()
    link.symlink_to(path / "no-such-python")


def without_folder(path):
    shutil.rmtree(path)


def with_older_recipe(path):
    marker = listing(path) | {"recipe": "older"}
    (path / MARKER).write_text(json.dumps(marker))


def with_an_emptied_file(path):
    file = next(path.glob("lib/python3*/site-packages/numpy/version.py"))
    file.unlink()  # its other name is in uv's cache
    file.write_text("")


def test_a_file_of_the_same_length_is_mended_when_something_fails(make):
    path, release = make("numpy-2.4.6"), release_named("numpy-2.4.6")
    assert not environment.mend(release, path)
    file = next(path.glob("lib/python3*/site-packages/numpy/version.py"))
    before = file.read_bytes()
    file.unlink()  # its other name is in uv's cache
    file.write_bytes(b"#" * len(before))
    assert environment.is_whole(path, release)  # as far as lengths tell
    assert environment.mend(release, path)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", RELEASES)
def test_the_files_that_it_was_made_from_are_noted_by_their_hashes(make, name):
    ((file, digest),) = listing(make(name))["wheels"].items()
    assert file.startswith(f"{name}-cp3")
    assert digest in find(name, load()).sha256


def test_another_file_than_the_tables_is_refused(tmp_path):
    release = dataclasses.replace(release_named("numpy-2.4.6"), sha256=("0" * 64,))
    with pytest.raises(ReleaseUnavailable, match=r"another numpy-2\.4\.6-.*\.whl") as error:
        ensure(release, tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "damage",
    [
        without_package,
        with_an_emptied_file,
        without_listing_of_package,
        without_marker,
        with_half_a_marker,
        without_interpreter,
        without_folder,
        with_older_recipe,
    ],
)
def test_damage_is_noticed_and_mended(make, damage):
    path = make("numpy-2.4.6")
    damage(path)
    assert ensure(release_named("numpy-2.4.6"), path.parent) == path
    assert listing(path)["packages"] == ["numpy==2.4.6"]
    assert ask(path, "import numpy, mpmath; print(json.dumps(numpy.__version__))") == "2.4.6"


def test_damage_that_has_come_to_the_cache_is_mended_from_the_index(tmp_path, monkeypatch):
    """A file of an environment is a hard link into uv's cache: emptied in place it is so there."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    path = ensure(release_named("numpy-2.4.6"), tmp_path / "env")
    file = next(path.glob("lib/python3*/site-packages/numpy/version.py"))
    file.write_text("")
    assert ensure(release_named("numpy-2.4.6"), tmp_path / "env") == path
    assert ask(path, "import numpy; print(json.dumps(numpy.__version__))") == "2.4.6"
    # And of the same length, which is found where something fails.
    text = file.read_bytes()
    file.write_bytes(b"#" * len(text))
    assert environment.mend(release_named("numpy-2.4.6"), path)
    assert file.read_bytes() == text


def test_harness_that_is_gone_is_noticed_and_mended(make):
    path = make("numpy-2.4.6")
    shutil.rmtree(path.parent / "harness")
    ensure(release_named("numpy-2.4.6"), path.parent)
    assert ask(path, "import asv_runner, mpmath; print(json.dumps(mpmath.__version__))") == "1.3.0"


def test_package_of_another_release_is_noticed_and_removed(make):
    path = make("numpy-2.4.6")
    site = next(path.glob("lib/python3*/site-packages"))
    stray = site / "tensorflow-9.9.9.dist-info"
    stray.mkdir()
    (stray / "METADATA").write_text("Metadata-Version: 2.1\nName: tensorflow\nVersion: 9.9.9\n")
    (stray / "RECORD").write_text("")
    ensure(release_named("numpy-2.4.6"), path.parent)
    assert not stray.exists()


def test_no_interpreter_leaves_one_line_and_no_folder(tmp_path, monkeypatch):
    def find_none(minor):
        raise NoInterpreter(f"needs Python {minor}: `pyenv install {minor}`")

    monkeypatch.setattr(environment, "find_python", find_none)
    with pytest.raises(ReleaseUnavailable) as caught:
        ensure(find("numpy-1.13.1", load()), tmp_path / "env")
    assert str(caught.value) == "numpy-1.13.1 needs Python 3.6: `pyenv install 3.6`"
    assert not list((tmp_path / "env").glob("numpy*"))


def test_python_that_is_nowhere_says_what_to_install(tmp_path):
    with pytest.raises(NoInterpreter) as caught:
        find_python("3.99")
    message = str(caught.value)
    assert message.startswith("needs Python 3.99: ")
    assert "install 3.99" in message
    assert "\n" not in message


@pytest.mark.parametrize("minor", PYTHONS)
def test_found_python_is_that_minor_version(minor):
    try:
        python = find_python(minor)
    except NoInterpreter as error:
        pytest.skip(str(error))
    code = "import platform as p, sys; print(p.python_implementation(), *sys.version_info[:2])"
    said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["CPython", *minor.split(".")]


@pytest.mark.parametrize(
    ("name", "without", "with_gpu"),
    [
        ("tensorflow-2.21.0", "tensorflow==2.21.0", "tensorflow[and-cuda]==2.21.0"),
        # Its wheel has no such extra.
        ("tensorflow-2.13.1", "tensorflow==2.13.1", "tensorflow==2.13.1"),
        ("numpy-2.4.6", "numpy==2.4.6", "numpy==2.4.6"),
        ("jax-0.10.2", "jax[cpu]==0.10.2", "jax[cpu,cuda12]==0.10.2"),
    ],
)
def test_a_machine_with_a_gpu_gets_the_libraries_for_it(
    monkeypatch, tmp_path, name, without, with_gpu
):
    release, asked = find(name, load()), []
    for driver in (tmp_path / "none", tmp_path):
        monkeypatch.setattr(environment, "_GPU", driver)
        asked.append(environment._wanted(release))
    assert asked == [[without], [with_gpu]]


def test_settings_of_the_users_uv_do_not_change_what_is_installed(tmp_path, monkeypatch):
    """2.1.2 was once measured as 2.1.3, by an override."""
    override = tmp_path / "override.txt"
    override.write_text("numpy==2.4.5\n")
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text('override-dependencies = ["numpy==2.4.5"]\n')
    monkeypatch.setenv("UV_OVERRIDE", str(override))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = ensure(release_named("numpy-2.4.6"), tmp_path / "env")
    assert listing(path)["packages"] == ["numpy==2.4.6"]


@pytest.mark.parametrize(
    ("packages", "holds"),
    [
        (["numpy==2.4.6"], True),
        (["flatbuffers==2", "numpy==2.4.6"], True),
        (["numpy==2.4.5"], False),
        (["numpy==2.4.6+mine"], False),
        (["numpy @ file:///mine/numpy-2.4.6.whl"], False),
        ([], False),
    ],
)
def test_an_environment_of_a_release_holds_that_very_one(packages, holds):
    assert environment._holds(find("numpy-2.4.6", load()), packages) is holds


def test_a_build_that_has_changed_since_is_not_measured_under_its_name(tmp_path, monkeypatch):
    library, path = tmp_path / "numpy", tmp_path / "env"
    library.mkdir()
    path.mkdir()
    (library / "core.so").write_bytes(b"one")
    told = {"folders": [str(library)]}
    monkeypatch.setattr(environment.builds, "facts", lambda *asked: told)
    release = Release(
        "numpy", "2.4.6@mine", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "3.11",
        (environment.builds.digest(told["folders"]),), "/somewhere/bin/python",
    )  # fmt: skip
    (path / MARKER).write_text(json.dumps({"recipe": environment._recipe(release)}))
    assert environment.is_whole(path, release)
    (library / "core.so").write_bytes(b"two")
    assert not environment.is_whole(path, release)
    with pytest.raises(ReleaseUnavailable, match="name this one with --label"):
        environment._make(path, release)
    assert (path / MARKER).exists()
