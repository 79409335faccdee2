"""What people may ask for, and the number that is meant by it."""

import struct

import pytest

from benchmarks.formats import ulp
from tools.evaluate.expression import NoExpression, encode, parse

F16, BF16, F32, F64 = (ulp.FORMATS[name] for name in ("float16", "bfloat16", "float32", "float64"))


@pytest.mark.parametrize("text", ["1e4", "0.1", "-2.5", "5e-324", "2.2250738585072014e-308", "1"])
def test_float64_is_what_python_reads(text):
    assert encode(text, F64) == struct.unpack("<Q", struct.pack("<d", float(text)))[0]


def test_a_decimal_is_rounded_once():
    # 1 + 2**-24 + 2**-60: above halfway, but a float64 holds the half alone, which goes to even.
    text = "1.000000059604644776257986737988403547205962240695953369140625"
    assert encode(text, F32) == 0x3F800001
    assert encode("1.000000059604644775390625", F32) == 0x3F800000  # halfway


def test_special_numbers():
    assert encode("inf", F32) == 0x7F800000
    assert encode("-inf", F64) == 0xFFF0000000000000
    assert encode("-0", F32) == 0x80000000
    assert encode("0x1.8p1", F16) == 0x4200  # 3
    assert encode("3.14", BF16) == 0x4049  # 3.140625
    assert ulp.to_mp(encode("nan", F32), F32) != ulp.to_mp(encode("nan", F32), F32)


def test_what_is_too_large_is_said():
    with pytest.raises(NoExpression, match="65520 is too large for float16"):
        encode("65520", F16)
    assert encode("65519", F16) == 0x7BFF


def test_functions_by_either_name():
    found = parse(["arcsin(0.5)", "asin(.5)", "power(2, 0x1p-1)", "sinc(1)"])
    assert [one.op for one in found] == ["asin", "asin", "pow", "sinc"]
    assert found[2].arguments == ("2", "0x1p-1")
    assert found[3].row.exact is None


def test_inputs_and_expressions_of_a_file(tmp_path):
    inputs, expressions = tmp_path / "inputs", tmp_path / "expressions"
    inputs.write_text("# x y\n2 0.5\n\n3, 4\n")
    expressions.write_text("log(1e4)\nexp(1)  # e\n")
    assert [one.arguments for one in parse([f"pow(@{inputs})"])] == [("2", "0.5"), ("3", "4")]
    assert [one.text for one in parse([f"@{expressions}"])] == ["log(1e4)", "exp(1)"]
    inputs.write_text("2 0.5 7\n")
    with pytest.raises(NoExpression, match="line 1: pow takes 2 numbers, not 3"):
        parse([f"pow(@{inputs})"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("log", "is no expression"),
        ("log(1e4", "is no expression"),
        ("log(x)", "'x' is no number"),
        ("log(1, 2)", "log takes 1 number, not 2"),
        ("pow(2)", "pow takes 2 numbers, not 1"),
        ("sum(2)", "sum is of an array"),
        ("log(1); import os", "is no expression"),
        ("@/nowhere", "cannot read '/nowhere'"),
    ],
)
def test_what_means_nothing_is_one_line(text, said):
    with pytest.raises(NoExpression, match=r"\A[^\n]*\Z") as caught:
        parse([text])
    assert said in str(caught.value)
