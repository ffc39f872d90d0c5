"""The default data: scikit-learn's bundled digits."""

from __future__ import annotations

import numpy as np

from ganaug.data.readers.arrays import LabelledArrays


def read_digits() -> LabelledArrays:
    """Read 1,797 handwritten digits, (1797, 8, 8) uint8 in 0…255, and their labels.

    Source: UCI ML hand-written digits (Alpaydin and Kaynak, 1998), test part, which
    scikit-learn carries, so nothing is downloaded.

    Example:
        >>> images = read_digits().images
        >>> images.shape, int(images.max())
        ((1797, 8, 8), 255)
    """
    from sklearn.datasets import load_digits  # slow to import

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return LabelledArrays("digits", images, digits.target)
