"""The pages that this project adds to asv's site."""
