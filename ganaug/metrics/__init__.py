"""Features in, numbers out: distances, manifolds, diversity, memorisation."""
