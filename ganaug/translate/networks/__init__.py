"""The translator's two networks: one changes an image, the other judges images."""
