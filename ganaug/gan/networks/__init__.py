"""The network pairs, their parts, and the builder that reads a config."""
