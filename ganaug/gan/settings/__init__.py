"""Settings of a training: `auto` resolved, wrong combinations refused."""
