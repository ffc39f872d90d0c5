"""Threads that sleep while they wait: tests share their machine with other programs."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
