"""Parts of a folder: training images, other parts, and what ganaug wrote there."""
