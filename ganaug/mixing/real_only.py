"""RealOnly: some of the real images of a mixed set, with their transforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch.utils.data import Dataset

from ganaug.display.words import count
from ganaug.mixing.items import Transform, build_item
from ganaug.mixing.real.real_set import RealSet


class RealOnly(Dataset[Any]):
    """Real images and their labels, as the user's own Dataset yields them.

    Args:
        real: the real set.
        rows: which of its images.
        transform, target_transform: transforms of images and of labels, or None.

    Attributes:
        classes, class_to_idx, targets: as ImageFolder has them.
    """

    def __init__(
        self,
        real: RealSet,
        rows: Sequence[int],
        *,
        transform: Transform | None,
        target_transform: Transform | None,
    ) -> None:
        self.transform, self.target_transform = transform, target_transform
        self.classes, self.class_to_idx = list(real.classes), real.class_to_idx
        self.targets = [real.targets[row] for row in rows]
        self._real, self._rows = real, list(rows)

    @property
    def real_set(self) -> RealSet:
        """These images as they are read, before their transforms."""
        return self._real.take(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        images, classes = count(len(self), "real image"), len(self.classes)
        return f"RealOnly({images} of {count(classes, 'class')})"

    def __getitem__(self, i: int) -> Any:
        image, label = self._real.read(self._rows[i])
        if self.target_transform is not None:
            label = self.target_transform(label)
        return build_item(self._real.form, image, label, transform=self.transform)
