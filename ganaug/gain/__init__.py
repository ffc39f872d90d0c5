"""Does it help? Arms, pools and splits, measured and judged, budget and request."""
