"""Style: the content of one image in the look of another."""
