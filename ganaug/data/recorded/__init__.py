"""Rules by which images are read, typed or recorded, and sets read by them."""
