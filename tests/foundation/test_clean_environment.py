"""What of the invoking shell reaches a release, and what does not."""

import json
import sys
from pathlib import Path

import pytest
from asv.config import Config

from tools.environments.asv_environment import ReleaseEnvironment
from tools.foundation import clean_environment
from tools.releases.release_table import find, load
from tools.sweeping import worker_process

ALTERS = [
    *("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_CBWR"),
    *("BLIS_NUM_THREADS", "NVPL_BLAS_DEBUG_CPU_TYPE", "VECLIB_MAXIMUM_THREADS"),
    *("OMP_NUM_THREADS", "OMP_PROC_BIND", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_AFFINITY"),
    *("NPY_DISABLE_CPU_FEATURES", "NUMPY_MADVISE_HUGEPAGE"),
    *("TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "XLA_FLAGS", "ONEDNN_MAX_CPU_ISA"),
    *("DNNL_MAX_CPU_ISA", "NVIDIA_TF32_OVERRIDE", "CUDA_LAUNCH_BLOCKING"),
    *("PYTHONPATH", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONDONTWRITEBYTECODE"),
    *("PYTHONMALLOC", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES", "LD_PRELOAD", "CFLAGS"),
]
BELONGS_TO_THE_MACHINE = [
    *("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME"),
    *("ULPWATCH_SLOWDOWN", "ULPWATCH_KEPT", "ASV_CONF_DIR", "PYENV_ROOT", "UV_INDEX_URL"),
]


@pytest.mark.parametrize("name", ALTERS)
def test_what_alters_a_library_is_taken_out(name):
    assert clean_environment.clean({name: "1"}) == {}


@pytest.mark.parametrize("name", BELONGS_TO_THE_MACHINE)
def test_what_belongs_to_the_machine_or_the_suite_stays(name):
    assert clean_environment.clean({name: "1"}) == {name: "1"}


@pytest.mark.parametrize(
    "name", ["UV_OVERRIDE", "UV_CONSTRAINT", "UV_PRERELEASE", "UV_CONFIG_FILE", "UV_LINK_MODE",
             "UV_RESOLUTION", "UV_NO_BINARY", "PYTHONPATH"]
)  # fmt: skip
def test_what_has_uv_install_something_else_is_taken_out(name):
    assert clean_environment.for_uv({name: "1"}) == {}


@pytest.mark.parametrize(
    "name", ["UV_DEFAULT_INDEX", "UV_INDEX_MINE_PASSWORD", "UV_CACHE_DIR", "UV_OFFLINE", "HOME",
             "SSL_CERT_FILE", "UV_PYTHON_INSTALL_DIR", "HTTPS_PROXY"]
)  # fmt: skip
def test_what_says_where_uv_finds_packages_stays(name):
    assert clean_environment.for_uv({name: "1"}) == {name: "1"}


def fake_python(folder):
    """An environment whose Python is this one, by another way than a link: that leaves .venv."""
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return folder


SHELL = {"OPENBLAS_CORETYPE": "Prescott", "TF_CPP_MIN_LOG_LEVEL": "0", "PYTHONHASHSEED": "7",
         "NPY_DISABLE_CPU_FEATURES": "AVX2", "ULPWATCH_SLOWDOWN": "0.1"}  # fmt: skip


@pytest.fixture
def shell(monkeypatch):
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)


def seen_by(environment, **options):
    """The variables of a process that asv starts in ``environment``."""
    said = environment.run(
        ["-c", "import json, os; print(json.dumps(dict(os.environ)))"], **options
    )
    return json.loads(said)


@pytest.fixture
def environment_with(tmp_path, monkeypatch):
    """asv's view of an environment, with these variables in the matrix of asv.conf.json."""
    monkeypatch.setattr(ReleaseEnvironment, "current", None)  # which making one sets

    def make(**matrix):
        conf = Config.load(str(worker_process.ROOT / "asv.conf.json"))
        tagged = {("nobuild", name): value for name, value in matrix.items()}
        made = ReleaseEnvironment(conf, "release", {}, tagged)
        made._path = str(fake_python(tmp_path))
        return made

    return make


def test_asvs_processes_see_what_the_suite_sets_and_not_what_the_shell_does(
    shell, environment_with
):
    seen = seen_by(environment_with())
    assert "OPENBLAS_CORETYPE" not in seen
    assert "NPY_DISABLE_CPU_FEATURES" not in seen
    assert "PYTHONHASHSEED" not in seen
    assert seen["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert seen["PYTHONNOUSERSITE"] == "1"
    assert seen["ASV_PROJECT"] == "ulpwatch"
    assert seen["ULPWATCH_SLOWDOWN"] == "0.1"


def test_a_variable_of_the_matrix_reaches_a_release(shell, environment_with):
    environment = environment_with(NPY_DISABLE_CPU_FEATURES="AVX512F")
    # asv's spawners hand over the shell's variables and the matrix's in one.
    both = {**SHELL, **environment.env_vars}
    seen = seen_by(environment, env=both)
    assert seen["NPY_DISABLE_CPU_FEATURES"] == "AVX512F"
    assert "OPENBLAS_CORETYPE" not in seen


def test_a_worker_sees_what_the_suite_sets_and_not_what_the_shell_does(
    shell, tmp_path, monkeypatch
):
    """The worker that it starts is a script that answers with its variables."""
    environment = fake_python(tmp_path)
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    Path(environment, "bin", "python").write_text(f"#!/bin/sh\nexec {sys.executable} -c '{code}'\n")
    said = {}
    read = worker_process.Worker.read
    monkeypatch.setattr(worker_process.Worker, "read", lambda self: said.update(read(self)) or said)
    release = find("numpy-2.4.6", load())
    with worker_process.Worker(environment, release, "numpy", "cpu", "exp", "float32"):
        assert "OPENBLAS_CORETYPE" not in said
        assert "PYTHONHASHSEED" not in said
        assert said["TF_CPP_MIN_LOG_LEVEL"] == "3"
        assert said["ULPWATCH_RELEASE"] == "numpy==2.4.6"
        assert int(said["MALLOC_TRIM_THRESHOLD_"]) == 1 << 28
