"""Train the same classifier without and with synthetic images, and compare.

Needs folders `photos/train` and `photos/test` with one subfolder per class each, and
synthetic images that were learned from the first alone:

    ganaug synth photos/train --per-class 500 --out photos-synthetic
    python examples/compare_shares.py

One split and three seeds say little: for a verdict, use `ganaug gain`.
"""

import itertools

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18
from torchvision.transforms import v2

from ganaug import SyntheticDataset

SHARES = (0, 0.25)
SEEDS = range(3)
STEPS = 100  # the same with and without; more for more images

transform = v2.Compose(
    [v2.ToImage(), v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True)]
)
real = ImageFolder("photos/train", transform=transform)
test = ImageFolder("photos/test", transform=transform)


def iterate_batches(data):
    """Batches without an end: each epoch has other synthetic images."""
    for epoch in itertools.count():
        data.set_epoch(epoch)
        yield from DataLoader(data, batch_size=32, shuffle=True)


for share in SHARES:
    accuracies = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        mixed = SyntheticDataset(real, "photos-synthetic", share=share, seed=seed)
        model = resnet18(num_classes=len(real.classes))
        optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for images, labels in itertools.islice(iterate_batches(mixed), STEPS):
            loss = torch.nn.functional.cross_entropy(model(images), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        model.eval()
        with torch.inference_mode():
            right = torch.cat(
                [
                    model(images).argmax(dim=1) == labels
                    for images, labels in DataLoader(test, batch_size=256)
                ]
            )
        accuracies.append(right.float().mean().item())
    spread = np.std(accuracies, ddof=1)
    print(f"share {share}: accuracy {np.mean(accuracies):.3f} ± {spread:.3f}")
