"""What verbs do with tables in place of images."""
