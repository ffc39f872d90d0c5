"""Training machinery for any model: the loop, checkpoints, weight files, averages."""
