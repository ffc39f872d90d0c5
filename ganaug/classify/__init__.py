"""Small classifiers and features, for flips, filters, metrics and gain."""
