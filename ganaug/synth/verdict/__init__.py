"""The verdict on a store: poor, usable or good, why, and what to do next."""
