"""Train by what a gain found, in a plain torch loop, and test on real images.

Needs folders `photos/train` and `photos/test` with one subfolder per class, and a gain:

    ganaug gain photos/train --out photos-gain
    python examples/train_by_recipe.py
"""

import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from ganaug import load_recipe
from ganaug.classify.network import build_classifier

recipe = load_recipe("photos-gain")
print(recipe.explain())

real = ImageFolder("photos/train")
# where the verdict is that GAN images help: recipe.loader(real, "photos-synthetic")
loader, criterion = recipe.loader(real), recipe.loss(real)
tests = DataLoader(ImageFolder("photos/test", transform=recipe.test_transform), 64)

height, width, _ = recipe.shape
model = build_classifier((height, width), 3, len(real.classes))  # or a network of yours
epochs = recipe.count_epochs(real)
optimiser, schedule = recipe.optimise(model, epochs * len(loader))
for _ in range(epochs):
    for images, targets in loader:
        loss = criterion(model(images), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()

model.eval()
with torch.inference_mode():
    right = [model(images).argmax(1) == labels for images, labels in tests]
print(f"accuracy on real images: {torch.cat(right).float().mean():.3f}")
