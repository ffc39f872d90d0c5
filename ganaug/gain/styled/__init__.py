"""A gain with styled images: where their look comes from, and the pool of a split."""
