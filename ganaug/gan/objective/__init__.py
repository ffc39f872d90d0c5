"""What G and D minimise: losses, penalties, diversity terms, augmentation."""
