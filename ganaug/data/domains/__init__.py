"""Domains: which circumstances each image shows, told by the user or found."""
