"""SyntheticDataset: real and synthetic images in one torch Dataset."""
