"""A gain where unlabelled images show the domain of the classifier's use."""
