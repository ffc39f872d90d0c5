"""The objective of G and D: losses, penalties, diversity terms, augmentation."""
