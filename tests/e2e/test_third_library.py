"""A library that nobody has heard of: a row, ten lines of a backend, and it is measured, compared
and published, with no change in tools/."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
import zipfile

import pytest
from asv.util import load_json

pytestmark = pytest.mark.e2e

ROW = """
    Library(
        name="pluslib",
        title="PlusLib",
        first="1.0",
        backends=(Backend("pluslib", "PlusLib", (0,), "pluslib"),),
    ),
"""
BACKEND = '''
"""PlusLib: NumPy's arrays."""

import pluslib

from .numpy import *  # noqa: F403
from .numpy import DTYPES, Unavailable, np


def check(op, dtype):
    if dtype not in DTYPES or not hasattr(pluslib, op.name):
        raise Unavailable("PlusLib has no %s of %s" % (op.name, dtype))


def timed_call(op, dtype, arguments):
    return getattr(pluslib, op.name), [bits.view(dtype) for bits in arguments]


def evaluate(op, dtype, arguments):
    with np.errstate(all="ignore"):
        result = getattr(pluslib, op.name)(*[bits.view(dtype) for bits in arguments])
    return result.view("u%d" % result.dtype.itemsize)
'''
# In 1.1 a square root is three numbers too large.
CODE = """
import numpy
__version__ = "{version}"
def sqrt(x):
    return (numpy.sqrt(x).view("i%d" % x.dtype.itemsize) + {off}).view(x.dtype)
def exp(x):
    return numpy.exp(x)
"""
VERSIONS = {"1.0.0": 0, "1.1.0": 3}
UPLOADED = {"1.0.0": "2026-05-20T00:00:00Z", "1.1.0": "2026-05-21T00:00:00Z"}


def wheel(folder, version, off):
    path = folder / f"pluslib-{version}-py3-none-any.whl"
    info = f"pluslib-{version}.dist-info"
    files = {
        "pluslib/__init__.py": CODE.format(version=version, off=off),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: pluslib\nVersion: {version}\n"
        "Requires-Dist: numpy\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


class Index(http.server.BaseHTTPRequestHandler):
    """A package index with one library."""

    def do_GET(self):
        wheels = {path.name: path for path in self.server.wheels}
        name = self.path.strip("/").rpartition("/")[2]
        if name in wheels:
            self.answer("application/octet-stream", wheels[name].read_bytes())
        elif self.path == "/simple/pluslib/":
            listed = [
                {"filename": path.name, "url": f"/files/{path.name}", "requires-python": ">=3.6",
                 "hashes": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
                 "upload-time": UPLOADED[path.name.split("-")[1]]}
                for path in self.server.wheels
            ]  # fmt: skip
            page = {"meta": {"api-version": "1.1"}, "name": "pluslib", "files": listed}
            self.answer("application/vnd.pypi.simple.v1+json", json.dumps(page).encode())
        else:
            self.send_error(404)

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture
def index(tmp_path, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    server.wheels = [wheel(tmp_path, version, off) for version, off in VERSIONS.items()]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_INDEX", f"http://127.0.0.1:{server.server_port}/simple/")
    yield server.wheels
    server.shutdown()
    server.server_close()


def test_a_third_library_is_a_row_and_ten_lines(project, index):
    table = project.path / "benchmarks" / "libraries.py"
    text = table.read_text()
    assert text.count("\n)\nBY_NAME") == 1
    table.write_text(text.replace("\n)\nBY_NAME", f"{ROW})\nBY_NAME"))
    (project.path / "benchmarks" / "backends" / "pluslib.py").write_text(BACKEND.lstrip())
    conf = load_json(project.path / "asv.conf.json")
    branches = {"branches": [*conf["branches"], "pluslib"]}
    (project.path / "asv.conf.json").write_text(json.dumps(conf | branches))
    rows = [
        f'"{version}" = {{ uploaded = {UPLOADED[version]}, python = "3.11",'
        f' sha256 = ["{hashlib.sha256(path.read_bytes()).hexdigest()}"] }}'
        for version, path in zip(VERSIONS, index, strict=True)
    ]
    with (project.path / "releases.toml").open("a") as file:
        file.write("\n[pluslib]\n" + "\n".join(rows) + "\n")

    bench = ["-b", r"track_(max_ulp|time)\(.*'(sqrt|exp)', 'float32', ('normal'|1000), 'cpu'\)"]
    said = project.run("tools.measure", "pluslib", "--quick", *bench)
    assert "8 numbers are in the results" in said
    project.run("tools.measure", "numpy-2.4.6", "--quick", *bench)

    out = project.run("tools.compare", "pluslib==1.0.0", "pluslib", "--metric", "accuracy")
    assert "worse: max_ulp (ulp), pluslib" in out
    out = project.run("tools.compare", "numpy-2.4.6", "pluslib", "--op", "exp", "--format", "json")
    rows = [row for row in json.loads(out)["rows"] if row["metric"] == "max_ulp"]
    assert [(row["backend"], row["verdict"]) for row in rows] == [("pluslib", "same")]

    project.asv("publish")
    html = project.path / "html"
    steps = json.loads((html / "data" / "changes.json").read_text())["steps"]
    (step,) = [one for one in steps if one["unit"] == "ulp"]
    assert (step["op"], step["after_release"], step["verdict"]) == (
        "sqrt",
        "pluslib-1.1.0",
        "worse",
    )
    assert 3 <= step["after"] <= 3.5
    assert '"pluslib":"PlusLib"' in (html / "data" / "site.js").read_text()
    for page in ("changes.html", "op-sqrt.html", "findings.html", "about.html"):
        assert "pluslib-1.1.0" in (html / page).read_text(), page
