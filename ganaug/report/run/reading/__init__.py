"""What a run's page is made from, read from disk."""
