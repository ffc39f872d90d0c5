"""From image to image of another domain: classical ways and networks."""
