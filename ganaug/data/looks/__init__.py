"""Looks: light, colour and sharpness in numbers, and clusters of images by them."""
