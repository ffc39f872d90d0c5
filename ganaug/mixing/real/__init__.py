"""The real set as it is before its transform: format, labels, what it does itself."""
