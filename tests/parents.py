"""Earlier runs for tests: a GAN of a few steps on shapes, and where its images lie."""

from pictures import draw_set, save_set

from ganaug.config import TrainConfig
from ganaug.gan.training import train

CONFIG = TrainConfig(
    snapshots=1, height=16, width=16, channels=1, base_channels=16, max_channels=16,
    latent=8, images=64, batch=16,
)  # fmt: skip


def train_parent(folder, images=None, *, name="old", **options):
    """Save images in a folder, train on them, and return the run `NAME-run`."""
    images = (
        draw_set(10, seed=7, classes=("round", "edged")) if images is None else images
    )
    data = save_set(folder / name, images)
    return train(
        data, folder / f"{name}-run", config=CONFIG, device="cpu", progress=None,
        **options,
    )  # fmt: skip
