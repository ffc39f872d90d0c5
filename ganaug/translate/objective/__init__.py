"""What the translator minimises: terms that keep the object, and the two losses."""
