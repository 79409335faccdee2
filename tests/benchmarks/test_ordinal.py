"""Distances between results: steps from one representable number to the next."""

import numpy as np
import pytest

from benchmarks.formats import ordinal, ulp


def apart(one, other, name):
    format = ulp.FORMATS[name]
    one, other = (np.array([value], name).view(format.uint) for value in (one, other))
    return int(ordinal.distance(one, other, format)[0])


def test_neighbours_are_one_apart():
    assert apart(1, 1 + 2**-23, "float32") == 1
    assert apart(1, 1 - 2**-24, "float32") == 1
    assert apart(65504, np.inf, "float16") == 1  # the largest float16


def test_zeros_of_either_sign_are_one_apart_and_the_numbers_beside_them_three():
    assert apart(0.0, -0.0, "float64") == 1
    assert apart(5e-324, -5e-324, "float64") == 3  # −tiny, −0, +0, +tiny


def test_a_binade_of_float32_has_2_to_the_23_numbers():
    assert apart(1, 2, "float32") == 2**23
    assert apart(-1, -2, "float32") == 2**23


def test_nan_comes_after_infinity_whatever_its_sign_and_payload():
    format = ulp.FORMATS["float32"]
    bits = np.array([0x7FC00000, 0xFFC00001, 0x7F800001], np.uint32)
    assert not ordinal.distance(bits, bits[::-1], format).any()
    assert apart(np.inf, np.nan, "float32") == 1


def test_the_longest_distance_of_float64_does_not_overflow():
    # 2046 finite exponents and the subnormals, of both signs: 2 · 2047 · 2**52 numbers
    # lie between the infinities, the second infinity itself not counted.
    assert apart(-np.inf, np.inf, "float64") == 2 * 2047 * 2**52 + 1


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_all_16_bit_numbers_come_back_from_their_positions_in_numeric_order(name):
    format = ulp.FORMATS[name]
    bits = np.arange(1 << 16, dtype=np.uint16)
    bits = bits[~ordinal.is_nan(bits, format)]
    places = ordinal.positions(bits, format)
    assert (ordinal.bits_at(places, format) == bits).all()
    ordered = ulp.wide(bits[np.argsort(places)], format)
    assert (ordered[1:] >= ordered[:-1]).all()
    assert len(set(places.tolist())) == bits.size
