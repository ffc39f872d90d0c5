"""Are the verdicts on stores right? Healthy stores, and faults planted in stores."""
