"""Ulpwatch's own speed and fidelity, as ratios measured in one run: `python -m tools.selfbench`."""
