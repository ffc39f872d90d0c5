"""Limits of what reading other people's files may take: time, memory, places."""
