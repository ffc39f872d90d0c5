"""Sources of real images: loading, checks, fingerprint, groups and splits."""
