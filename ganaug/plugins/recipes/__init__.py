"""A gain's recipe as parts of a training loop of the user's own."""
