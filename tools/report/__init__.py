"""The pages that this project adds to asv's site, and the changes to asv's own."""
