"""What a step of the translator's training sees: the images, and the pairs drawn."""
