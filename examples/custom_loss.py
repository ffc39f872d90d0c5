"""Train a GAN with a loss of your own, watch it, and look at what it drew.

Needs a folder `photos/train` with one subfolder per class:

    python examples/custom_loss.py

A loss is a record of two functions of logits, and of the settings that suit it;
docs/losses.md explains those that are there. What was drawn on the way is in
photos-own-run/samples.
"""

from torch.nn.functional import relu, softplus

from ganaug import Synthesizer, train
from ganaug.gan.objective.losses import Loss

# a squared hinge: logits beyond ±1 cost D nothing, others the more the further they are
squared_hinge = Loss(
    lambda real, fake: relu(1 - real) ** 2 + relu(1 + fake) ** 2,
    lambda real, fake: softplus(-fake),
    penalties=("r1",),
    name="squared-hinge",
)


def show(status):
    """Print how far the training is; a bar is shown where this is left out."""
    if status.seen >= status.images:
        figures = ", ".join(f"{k} {v:.3g}" for k, v in sorted(status.figures.items()))
        print(f"after {status.seen:,} images: {figures}")
        for alarm in status.alarms:
            print(f"alarm: {alarm.sentence}")


run = train(
    "photos/train",
    "photos-own-run",
    budget=1,  # minute
    set={"loss": squared_hinge},
    progress=show,
)
print(f"loss {run.config.loss.name}, penalties {run.config.penalties}")
images = Synthesizer.load(run.path).sample(n=8, seed=1)
print(f"drew {images.shape[0]} images of {images.shape[1]} × {images.shape[2]} pixels")
