"""All that runs inside a release's environment: Python 3.6 or newer, NumPy 1.13 or newer."""
