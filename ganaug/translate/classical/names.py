"""Names of the carriers, for settings that must not load them."""

CARRIER_NAMES = (
    "statistics", "histogram", "amplitude", "linear", "first-guess", "frame-histogram",
)  # fmt: skip
