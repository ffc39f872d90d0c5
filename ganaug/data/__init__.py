"""Real images: loading, checks, fingerprint, groups, splits and resizing."""
