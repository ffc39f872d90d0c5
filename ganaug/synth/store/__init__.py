"""A store on disk: its images, manifest and meta data."""
