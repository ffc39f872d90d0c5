"""Synthetic images as one step of an albumentations pipeline.

Needs a folder `photos/train` with one subfolder per class, and a store made from it:

    ganaug synth photos/train --per-class 500 --out photos-synthetic
    python examples/train_with_albumentations.py
"""

import albumentations as A
import numpy as np
import torch
from albumentations.pytorch import ToTensorV2
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18

from ganaug.plugins.albumentations import SyntheticMix

SIZE = 32


class Photos(Dataset):
    """Images of a folder, through a Compose that is told the label."""

    def __init__(self, folder, transform):
        self.folder, self.transform = ImageFolder(folder), transform

    def __len__(self):
        return len(self.folder)

    def __getitem__(self, index):
        image, label = self.folder[index]
        name = self.folder.classes[label]
        return self.transform(image=np.array(image), label=name)["image"], label


transform = A.Compose(
    [
        A.Resize(SIZE, SIZE),
        SyntheticMix("photos-synthetic", p=0.25),  # a quarter of the images
        A.RandomBrightnessContrast(p=0.5),
        A.Normalize(),
        ToTensorV2(),
    ],
    seed=0,
)
photos = Photos("photos/train", transform)
model = resnet18(num_classes=len(photos.folder.classes))
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
for epoch in range(2):
    for images, labels in DataLoader(photos, batch_size=32, shuffle=True):
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(f"epoch {epoch}: loss of the last batch {loss.item():.3f}")
