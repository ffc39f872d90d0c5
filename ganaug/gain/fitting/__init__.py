"""A recipe turned into a trained classifier: networks in steps, estimators whole."""
