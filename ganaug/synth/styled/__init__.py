"""Stores of styled images: real images, each in the look of another."""
