"""The names that TensorFlow has had from its beginning, eager or not."""

# Where TensorFlow's name is not the array API standard's.
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
