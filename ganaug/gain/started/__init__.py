"""A gain that starts from an earlier run: its images, and a classifier of them."""
