"""Settings of a training: `auto` resolved, conflicts refused."""
