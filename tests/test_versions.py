"""Benchmark versions are set by hand: what they stand for must not change under them."""

import hashlib
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"

# What decides on a number of each kind, and the version that the numbers in results/ bear. If this
# fails: a change that leaves every number as it was only needs the new digest here; one that does
# not needs a higher `version` in the benchmark classes named, too.
KNOWN = {
    "accuracy": ("2", "bench_accuracy.py"),
    "reduction": ("1", "bench_reduction.py"),
    "behaviour": ("1", "bench_behaviour.py"),
    "time": ("3", "bench_time.py"),
}
DECIDE = {
    "accuracy": "constants exact inputs ops reference sweep tally ulp wide wide_angles wide_erf"
    " wide_gamma",
    "reduction": "exact_reduction inputs ops reduction ulp",
    "behaviour": "beside inputs layout monotone ops ordinal repeats special",
    "time": "batch inputs ops quiet timing",
}
DIGESTS = {
    "accuracy": "7d3389a9a7db6774",
    "reduction": "d1eb5133ab2f29aa",
    "behaviour": "9a13194c28d270df",
    "time": "0187c7ac088ead51",
}


def digest(kind):
    """A hash of the files that decide on the numbers of one kind, with the versions they bear."""
    sha = hashlib.sha256()
    for name in DECIDE[kind].split():
        sha.update((BENCHMARKS / f"{name}.py").read_bytes())
    return sha.hexdigest()[:16]


def test_what_decides_on_a_number_is_what_its_version_stands_for():
    assert {kind: digest(kind) for kind in DIGESTS} == DIGESTS


def test_the_versions_are_those_that_the_digests_were_taken_for():
    for version, file in KNOWN.values():
        assert f'version = "{version}"' in (BENCHMARKS / file).read_text()
