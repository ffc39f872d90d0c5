"""Domains: the circumstances of each image, as the user or its file tells them."""
