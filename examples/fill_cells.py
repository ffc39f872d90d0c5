"""Train without and with filled cells; compare where real images are missing.

Needs folder trees `lamps/train/class/domain/…` and `lamps/test/class/domain/…`, where
some classes lack images of some domains for training, and filled cells made from it:

    ganaug synth lamps/train --domains-inside --fill --out lamps-filled
    python examples/fill_cells.py

Real images are drawn evenly over cells in both trainings. One seed says little: for a
verdict, use `ganaug gain`.
"""

import itertools

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.models import resnet18
from torchvision.transforms import v2

from ganaug import SyntheticDataset, load_images
from ganaug.data.cells import SEEN, count_cells

SHARES = (0, 0.5)
STEPS = 100  # the same with and without; more for more images

transform = v2.Compose(
    [v2.ToImage(), v2.RGB(), v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True)]
)
real = load_images("lamps/train", domain_from="inside")
test = load_images("lamps/test", domain_from="inside", size=real.size)
counts = count_cells(real)
print("real images of each class in each domain:")
for name, row in zip(real.classes, counts.tolist(), strict=True):
    own = zip(real.domain_names, row, strict=True)
    print(f"  {name}: {', '.join(f'{domain} {n}' for domain, n in own)}")

# test images by name, since a test set may lack classes and domains
labels = np.array([real.classes.index(test.classes[k]) for k in test.labels])
domains = np.array(
    [real.domain_names.index(test.domain_names[d]) for d in test.domains]
)
missing = counts[labels, domains] < SEEN


def iterate_batches(data):
    """Batches without an end, real and synthetic images evenly over cells."""
    sampler = data.sampler()
    while True:
        yield from DataLoader(data, batch_size=32, sampler=sampler)


for share in SHARES:
    torch.manual_seed(0)
    mixed = SyntheticDataset(
        real, "lamps-filled", share=share, classes="cells", transform=transform
    )
    model = resnet18(num_classes=len(real.classes))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for images, targets in itertools.islice(iterate_batches(mixed), STEPS):
        loss = torch.nn.functional.cross_entropy(model(images), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()
    with torch.inference_mode():
        images = torch.stack([transform(image) for image in test.images])
        right = model(images).argmax(dim=1).numpy() == labels
    print(
        f"share {share}: accuracy {right[missing].mean():.3f} where real images are "
        f"missing, {right[~missing].mean():.3f} elsewhere"
    )
