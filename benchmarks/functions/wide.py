"""The filters that NumPy lacks and that take a line, for float64 and long double alike.

Each is good to some units in the last place of its argument's type, so that it can tell the errors
of a narrower type apart. More in wide_angles.py, wide_erf.py and wide_gamma.py.
"""

import numpy as np


def rsqrt(x):
    return 1 / np.sqrt(x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def squared_difference(x, y):
    return np.square(x - y)
