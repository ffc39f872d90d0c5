"""What the defaults of a mixed set cost a classifier that is tested on sharp images."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from stores import save_untrained
from torch.utils.data import DataLoader
from torchvision.transforms import v2

from ganaug.classify.network import build_classifier
from ganaug.data.images import LabelledImages
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.synthesis import synthesize

CLASSES = ("ant", "bee", "cat")
COUNTS = (40, 30, 12)
SIZE = (32, 48)  # the GAN draws 8 × 12, where stripes are lost
TO_TENSOR = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])


def draw_stripes(counts, seed):
    """Draw fine stripes in noise: level, upright, or at 45 degrees."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    labels = np.repeat(np.arange(3), counts)
    along = [rows, columns, (rows + columns) / 2**0.5]
    waves = [np.sin(2 * np.pi * (along[k] / 3.5 + rng.random())) for k in labels]
    noisy = 128 + 60 * np.stack(waves) + rng.normal(0, 30, (len(labels), *SIZE))
    pixels = noisy.clip(0, 255).astype(np.uint8)[..., None]
    return LabelledImages(np.repeat(pixels, 3, axis=3), labels, CLASSES)


def score(data, seed, steps=150):
    """Train plainly, and return the mean of the recalls on sharp images."""
    torch.manual_seed(seed)
    network = build_classifier(SIZE, 3, 3, width=16, seed=seed)
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1, 0, steps)
    loader = DataLoader(data, 16, shuffle=True, drop_last=True)
    done = 0
    while done < steps:
        for images, labels in loader:
            optimiser.zero_grad()
            F.cross_entropy(network(images), labels).backward()
            optimiser.step()
            decay.step()
            done += 1
    network.eval()
    test = draw_stripes((60,) * 3, 1)
    with torch.no_grad():
        found = network(torch.stack([TO_TENSOR(x) for x in test.images])).argmax(1)
    hits = found.numpy() == test.labels
    return np.mean([hits[test.labels == k].mean() for k in range(3)])


@pytest.mark.slow
def test_a_mixed_set_with_defaults_costs_at_most_a_point(tmp_path):
    run = save_untrained(tmp_path / "run", data_size=SIZE)
    store = synthesize(
        run, tmp_path / "store", per_class=60, device="cpu", filters=None
    )
    real = draw_stripes(COUNTS, 0)

    def measure(**options):
        return np.mean(
            [
                score(SyntheticDataset(real, store, transform=TO_TENSOR, **options), s)
                for s in range(3)
            ]
        )

    alone = measure(share=0)
    assert alone > 0.9
    assert measure() >= alone - 0.01
    assert measure(match_resolution=True) < alone - 0.1, "the test can fail"
