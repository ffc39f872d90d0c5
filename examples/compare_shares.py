"""Train the same classifier without and with synthetic images, and compare.

Needs a folder `photos` with one subfolder per class, and its synthetic images:

    ganaug synth photos --per-class 500
    python examples/compare_shares.py
"""

import numpy as np
import torch
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18
from torchvision.transforms import v2

from ganaug import SyntheticDataset

REAL, SYNTHETIC = "photos", "photos-synthetic"
SHARES = (0, 0.25)
SEEDS = range(3)
EPOCHS = 5

transform = v2.Compose(
    [v2.ToImage(), v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True)]
)
data = ImageFolder(REAL, transform=transform)

# Hold test images out. The GAN of this example saw them as well: for a fair answer,
# train it on the training part only, in a folder of its own.
order = np.random.default_rng(0).permutation(len(data))
test, train = Subset(data, order[::4]), np.delete(order, np.s_[::4])

for share in SHARES:
    accuracies = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        mixed = SyntheticDataset(Subset(data, train), SYNTHETIC, share=share, seed=seed)
        model = resnet18(num_classes=len(data.classes))
        optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for epoch in range(EPOCHS):
            mixed.set_epoch(epoch)
            for images, labels in DataLoader(mixed, batch_size=32, shuffle=True):
                loss = torch.nn.functional.cross_entropy(model(images), labels)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        model.eval()
        with torch.inference_mode():
            right = [
                (model(images).argmax(dim=1) == labels).float().mean().item()
                for images, labels in DataLoader(test, batch_size=256)
            ]
        accuracies.append(np.mean(right))
    spread = np.std(accuracies, ddof=1)
    print(f"share {share}: accuracy {np.mean(accuracies):.3f} ± {spread:.3f}")
