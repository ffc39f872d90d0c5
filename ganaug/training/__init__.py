"""Training machinery for any model: weight files, moving averages, stopping."""
