"""What runs on the host beside asv; each tool is ``python -m tools.NAME``."""
