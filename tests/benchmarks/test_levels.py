"""Levels are the psABI's, and what holds a library to one is what its documentation says."""

import pytest

from benchmarks import levels, libraries

# Flags of /proc/cpuinfo as processors have them: a Nehalem of 2008, a Haswell of 2013, a Skylake-SP
# of 2017, and a Knights Landing of 2016, which has AVX-512 without BW, DQ and VL.
NEHALEM = ["fpu", "sse", "sse2", "ssse3", "cx16", "sse4_1", "sse4_2", "popcnt", "lahf_lm", "pni"]
HASWELL = [*NEHALEM, *["fma", "movbe", "avx", "f16c", "abm", "bmi1", "avx2", "bmi2", "xsave"]]
SKYLAKE = [*HASWELL, *["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"]]
KNIGHTS_LANDING = [*HASWELL, *["avx512f", "avx512pf", "avx512er", "avx512cd"]]


@pytest.mark.parametrize(
    ("flags", "level"),
    [(NEHALEM, "v2"), (HASWELL, "v3"), (SKYLAKE, "v4"), (KNIGHTS_LANDING, "v3"), (["sse2"], None)],
)
def test_the_level_of_a_processor(flags, level):
    assert levels.of_flags(flags) == level


def test_a_level_above_the_processor_is_not_there(monkeypatch):
    monkeypatch.setattr(levels, "here", lambda: "v3")
    assert "x86-64-v3 at the most" in levels.why_not("numpy", (2, 4, 6), "cpu-v4")
    assert levels.why_not("numpy", (2, 4, 6), "cpu-v3") == ""
    assert levels.why_not("numpy", (2, 4, 6), "cpu-1") == ""
    # Nothing is to be switched off on a processor that has no more.
    assert levels.why_not("numpy", (1, 19, 5), "cpu-v3") == ""
    assert levels.why_not("another", (1,), "cpu-v3") == ""
    assert "no switch" in levels.why_not("another", (1,), "cpu-v2")
    monkeypatch.setattr(levels, "here", lambda: None)
    assert levels.why_not("numpy", (2, 4, 6), "cpu-v2") == "no x86-64 processor"


def test_releases_without_a_switch_say_so(monkeypatch):
    monkeypatch.setattr(levels, "here", lambda: "v4")
    assert "1.20" in levels.why_not("numpy", (1, 19, 5), "cpu-v3")
    assert levels.why_not("numpy", (1, 20, 3), "cpu-v2") == ""
    # No SSE4.2 build of TensorFlow since 1.6: "prebuilt binaries will use AVX instructions".
    assert "AVX" in levels.why_not("tensorflow", (2, 21, 0), "cpu-v2")
    assert levels.why_not("tensorflow", (1, 5, 1), "cpu-v2") == ""
    assert "2.19" in levels.why_not("tensorflow-xla", (2, 18, 1), "cpu-v3")
    assert levels.why_not("tensorflow-xla", (2, 19, 1), "cpu-v3") == ""


def test_what_is_switched_off():
    off = levels.variables("numpy", (1, 26, 4), "cpu-v3")["NPY_DISABLE_CPU_FEATURES"].split()
    assert "AVX512_SKX" in off and "AVX2" not in off
    # NumPy 2.4 calls whole levels by name, and refuses to switch off X86_V2, its baseline.
    off = levels.variables("numpy", (2, 4, 6), "cpu-v2")["NPY_DISABLE_CPU_FEATURES"].split()
    assert {"X86_V3", "X86_V4"} <= set(off) and "X86_V2" not in off
    assert "-FMA" in levels.variables("numpy", (2, 4, 6), "cpu-v2")["GLIBC_TUNABLES"]
    # An unknown flag ends the process in releases before.
    assert "XLA_FLAGS" not in levels.variables("tensorflow", (2, 18, 1), "cpu-v3")
    assert levels.variables("tensorflow", (2, 19, 1), "cpu-v3")["XLA_FLAGS"].endswith("=AVX2")


def test_each_switch_is_of_a_backend():
    assert {switch.backend for switch in levels.SWITCHES} <= set(libraries.OF_BACKEND)


def test_a_process_that_was_not_started_for_a_level_is_none(monkeypatch):
    monkeypatch.delenv(levels.IN_FORCE, raising=False)
    assert "must be started" in levels.not_in_force("numpy", "cpu-v2")
    # This process's NumPy was loaded before: what is "off" is on wherever the processor has it.
    monkeypatch.setenv(levels.IN_FORCE, "cpu-v2")
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", "AVX2 X86_V3")
    said = levels.not_in_force("numpy", "cpu-v2")
    assert ("switched off" in said) == (levels.here() in ("v3", "v4"))
