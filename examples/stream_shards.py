"""Train on WebDataset shards that hold real and synthetic images, read as a stream.

Needs a folder `photos/train` with one subfolder per class, a store made from it, shards
of both, and one package:

    ganaug synth photos/train --per-class 500 --out photos-synthetic
    ganaug export photos-synthetic --format webdataset --real --out photos-shards
    pip install webdataset
    python examples/stream_shards.py

The shards may lie on another machine or in a bucket: give URLs in place of files.
"""

from pathlib import Path

import torch
import webdataset
from torch.utils.data import DataLoader
from torchvision.models import resnet18
from torchvision.transforms import v2

STEPS = 100

transform = v2.Compose(
    [v2.ToImage(), v2.RGB(), v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True)]
)


def leave_out_held(sample):
    """Keep real images that the GAN did not see for validation."""
    return not sample["json"]["held_out"]


shards = sorted(map(str, Path("photos-shards").glob("*.tar")))
stream = (
    webdataset.WebDataset(shards, shardshuffle=len(shards), empty_check=False)
    .decode("pil")
    .select(leave_out_held)
    .shuffle(1000)
    .to_tuple("png", "cls")
    .map_tuple(transform, int)
    .repeat()
)
loader = DataLoader(stream, batch_size=32)
model = resnet18(num_classes=len(list(Path("photos/train").iterdir())))
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
for step, (images, labels) in enumerate(loader):
    loss = torch.nn.functional.cross_entropy(model(images), labels)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    if step + 1 == STEPS:
        break
print(f"loss after {STEPS} batches from {len(shards)} shards: {loss.item():.3f}")
