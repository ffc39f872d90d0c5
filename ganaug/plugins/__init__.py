"""Plug-ins: one file per host library, each keeping its host's own contract."""
