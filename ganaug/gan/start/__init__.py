"""A head start: networks begin with the weights of an earlier run."""
