"""What G and D are given: batches, conditions, captions, the range of values."""
