"""What libraries call the functions that the array API standard, and so ops.py, calls otherwise."""

# NumPy's before 2.0, which later ones have, too.
NUMPY_NAMES = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "pow": "power",
    "round": "rint",
}
# TensorFlow's from its beginning, eager or not.
TENSORFLOW_NAMES = {
    "logsumexp": "reduce_logsumexp",
    "max": "reduce_max",
    "mean": "reduce_mean",
    "min": "reduce_min",
    "prod": "reduce_prod",
    "remainder": "floormod",
    "std": "reduce_std",
    "sum": "reduce_sum",
    "var": "reduce_variance",
}
BY_LIBRARY = {"numpy": NUMPY_NAMES, "tensorflow": TENSORFLOW_NAMES}
