"""Sets that come with ganaug, made from what scikit-learn carries."""
