"""What an element and a call take, worked out by hand."""

import pytest

from tools.judging import instructions


def counted(op, by_size, functions=(), dtype="float32"):
    return {"kind": "instructions", "backend": "numpy", "op": op, "dtype": dtype,
            "by_size": by_size, "functions": list(functions)}  # fmt: skip


def test_an_element_is_the_difference_of_the_two_sizes():
    """3,000 for the call and its one element; 9,999 elements more take 69,993: 7 each."""
    exp = counted("exp", {"1": [3000.0, 0.0], "10000": [72993.0, 0.0]})
    assert instructions.cost(exp) == (3000.0, 7.0)


def test_an_element_of_matmul_is_a_product():
    """Of edge 100 there are 10^6 products, of edge 1 there is one."""
    matmul = counted("matmul", {"1": [7000.0, 0.0], "100": [506999.5, 0.0]})
    assert instructions.cost(matmul) == (7000.0, pytest.approx(0.5))


def test_counts_that_disagree_tell_nothing():
    assert instructions.cost(counted("exp", {"1": [3e3, 0.02], "10000": [7e4, 0.0]})) is None
    assert instructions.cost(counted("exp", {"1": [3e3, 0.0]})) is None


def test_functions_are_named_with_their_library_and_share():
    taking = [["__sin_fma", "libm", 0.9], ["", "", 0.06], ["small", "libc", 0.02]]
    said = instructions.taken_by(counted("sin", {}, taking))
    assert said == "__sin_fma of libm (90 %), code made at run time (6 %)"
    taking = [["dgemm_kernel_HASWELL", "libopenblasp-r0-34a18dc3", 0.79]]
    said = instructions.taken_by(counted("matmul", {}, taking))
    assert said == "dgemm_kernel_HASWELL of libopenblasp-r0 (79 %)"


def test_reasons_have_both_sides():
    before = counted("exp", {"1": [0.0, 0.0], "10000": [549945.0, 0.0]}, [["expf", "libm", 1.0]])
    after = counted("exp", {"1": [0.0, 0.0], "10000": [69993.0, 0.0]}, [["fast", "own", 1.0]])
    assert instructions.reasons([before], [after]) == {
        ("numpy", "exp", "float32"): (
            "55 an element: expf of libm (100 %) → 7 an element: fast of own (100 %)"
        )
    }
    assert instructions.reasons([before], []) == {}
