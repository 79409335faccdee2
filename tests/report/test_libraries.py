"""Which library is best at a function, of those that have it."""

from tools.report.pages.libraries import _least


def rows(**values):
    return [{"backend": name.replace("_", "-"), "value": value} for name, value in values.items()]


def best(found):
    return found["names"], found["next"] and found["next"]["backend"]


def ulp(value):
    return value + 0.01


def test_those_within_a_hundredth_of_an_ulp_are_as_good_and_the_best_other_comes_next():
    found = _least(rows(jax=0.98, numba=0.505, numpy=0.5, tensorflow=1.3), ulp)
    assert best(found) == (["NumPy", "Numba"], "jax")
    assert found["best"]["value"] == 0.5


def test_a_way_to_call_is_named_where_another_of_its_library_is_worse():
    mixed = rows(numpy=0.5, numba=0.5, numba_fastmath=3.0)
    assert best(_least(mixed, ulp)) == (["NumPy", "Numba"], "numba-fastmath")
    assert _least(rows(numpy=0.9, numba=0.5, numba_fastmath=0.5), ulp)["names"] == ["Numba"]
    xla = rows(numpy=0.9, tensorflow=1.5, tensorflow_xla=0.5)
    assert _least(xla, ulp)["names"] == ["TensorFlow (XLA)"]


def test_of_one_library_alone_nothing_is_said():
    assert _least(rows(tensorflow=5.0, tensorflow_xla=4.0), ulp) is None
    assert _least(rows(numpy=0.5, tensorflow=None), ulp) is None


def test_all_alike_has_none_next():
    assert best(_least(rows(numpy=0.5, tensorflow=0.5), ulp)) == (["NumPy", "TensorFlow"], None)
