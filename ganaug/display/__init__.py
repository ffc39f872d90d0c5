"""What users see in a terminal or notebook: progress bars and images."""
