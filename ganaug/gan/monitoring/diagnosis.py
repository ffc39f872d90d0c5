"""Diagnosis: figures that show how well G and D learn at one moment of a training."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug import engine
from ganaug.gan.inputs.grouping import group_size
from ganaug.gan.monitoring.quality import DRAWN_PER_CLASS, QualityWatch
from ganaug.gan.objective.losses import Loss, find_loss
from ganaug.gan.objective.packing import pack_images
from ganaug.gan.trainer import Trainer
from ganaug.training.loop import has_crossed

DIAGNOSES, FEWEST = 50, 10  # in a run, and in a short run
# steps from one to the next: each takes as long as 1 or 2 steps. Short runs have them
# more often, but at least so many steps apart
STEPS_BETWEEN, LEAST_BETWEEN = 64, 16
DRAWN_FAKES = 40  # images of all classes together; they take half of the time
MOST_COMPARED = 64  # training images, and as many held-out ones
FEWEST_ALIKE = 4  # fakes of a class, below which it is not judged by itself
FEWEST_HELD_OUT = 20  # with fewer, the gap's error would be above a third

Figures = dict[str, float]


@dataclass(frozen=True)
class Diagnosis:
    """Figures of one moment; None for what cannot be measured.

    Attributes:
        images: real images seen so far.
        share: share of the run that is done.
        diversity: mean distance between fakes of a class, divided by that between real
            images, averaged over classes; near 0 in a collapse.
        alike: the same for the class whose fakes are most alike.
        gradient: norm of the gradient of G's loss in all of G's weights at the last
            step.
        margin: mean logit of training images minus that of fakes.
        gap: mean logit of training images minus that of held-out ones, in standard
            deviations of the held-out images' logits; if it is large, D knows its
            training images by heart. Compare Karras et al., "Training Generative
            Adversarial Networks with Limited Data" (2020), equation 1.
        slope: slope of G's loss at D's logit of the typical fake, divided by its slope
            where D is undecided; near 0 where the loss is saturated.
        alike_class: name of the class that `alike` is about.
    """

    images: int
    share: float
    diversity: float | None = None
    alike: float | None = None
    gradient: float | None = None
    margin: float | None = None
    gap: float | None = None
    slope: float | None = None
    alike_class: str | None = None

    @property
    def figures(self) -> Figures:
        """Figures that could be measured, by name."""
        values = {name: getattr(self, name) for name in FIGURES}
        return {name: value for name, value in values.items() if value is not None}

    def to_row(self) -> dict[str, Any]:
        """Return plain values for a line of metrics.jsonl."""
        row: dict[str, Any] = {"images": self.images, "diagnosis": True, **self.figures}
        if self.alike_class is not None:
            row["alike_class"] = self.alike_class
        return row


FIGURES = ("diversity", "alike", "gradient", "margin", "gap", "slope")


def read_diagnosis(row: dict[str, Any], images: int) -> Diagnosis:
    """Read what `to_row` wrote, in a run of `images` images.

    Example:
        >>> read_diagnosis({"images": 64, "diagnosis": True, "gap": 0.5}, 128).share
        0.5
    """
    figures = {name: row.get(name) for name in FIGURES}
    name = row.get("alike_class")
    return Diagnosis(row["images"], row["images"] / images, **figures, alike_class=name)


class Diagnostics:
    """Measures a trainer between two of its steps, without changing it.

    No random number is drawn: latents and real images are the same each time. D sees
    the images without augmentation.

    Args:
        trainer: trainer to measure.
        watch: watch that draws fakes and has real images to compare them with.
        held: (m, h, w, c) uint8 held-out images at the GAN's grid; m may be 0.
        labels: (m,) classes of the held-out images, or numbers of their captions.
        classes: names of the classes, to name the one whose images are most alike.
    """

    def __init__(
        self,
        trainer: Trainer,
        watch: QualityWatch,
        held: NDArray[np.uint8],
        labels: NDArray[np.int64],
        classes: Sequence[str] = (),
    ) -> None:
        self.trainer, self.watch, self.classes = trainer, watch, classes
        self.loss = find_loss(trainer.config.loss)
        group = group_size(trainer.config)
        self.per_class = min(
            DRAWN_PER_CLASS, max(group, DRAWN_FAKES // watch.classes // group * group)
        )
        own = trainer.sampler.labels.numpy()
        mine, others = match_classes(own, labels, group=group, most=MOST_COMPARED)
        if len(others) < FEWEST_HELD_OUT:
            others = others[:0]
            mine, _ = match_classes(own, own, group=group, most=MOST_COMPARED)
        self.held = self._to_signal(torch.from_numpy(held[others]))
        number = trainer.conditioner.number
        self.labels = number(torch.from_numpy(own[mine]), torch.from_numpy(mine))
        self.held_labels = number(torch.from_numpy(labels[others]))
        self.real = self._to_signal(trainer.images.cpu()[torch.from_numpy(mine)])

    @property
    def interval(self) -> float:
        """Images from one diagnosis to the next."""
        config = self.trainer.config
        few = max(config.images / FEWEST, LEAST_BETWEEN * config.batch)
        least = min(STEPS_BETWEEN * config.batch, few)
        return max(config.images / DIAGNOSES, least)

    def is_due(self) -> bool:
        """Whether a diagnosis is due after the last step.

        One is due after the first step, for later ones to be compared with.
        """
        first = self.trainer.seen == self.trainer.images_per_step
        return first or has_crossed(self.trainer, self.interval)

    def measure(self) -> Diagnosis:
        """Return the diagnosis after the last step; waits for the device."""
        trainer, watch = self.trainer, self.watch
        with torch.inference_mode():
            fake = watch.generate(trainer.average, trainer.device, self.per_class)
            images = trainer.span.to_pixels(fake).cpu().numpy()
            of_fake = self._judge(fake, watch.numbers_of(self.per_class))
            of_real = self._judge(self.real, self.labels)
            of_held = self._judge(self.held, self.held_labels)
        varied = watch.compare_diversity(images, self.per_class)
        alike = self._find_alike(varied)
        figures = {
            "diversity": float(np.mean(list(varied.values()))) if varied else None,
            "alike": None if alike is None else varied[alike],
            "gradient": gradient_norm(trainer.generator.parameters()),
            "margin": difference(of_real, of_fake),
            "gap": standardised_gap(of_real, of_held),
            "slope": remaining_slope(self.loss, of_real, of_fake),
        }
        finite = {
            k: v for k, v in figures.items() if v is not None and math.isfinite(v)
        }
        share = trainer.seen / trainer.config.images
        name = None
        if alike is not None and self.classes:
            name = self.classes[alike]
        return Diagnosis(trainer.seen, share, **finite, alike_class=name)

    def _find_alike(self, varied: Mapping[int, float]) -> int | None:
        """Return the least varied class, if its fakes suffice to tell."""
        if not varied or self.per_class < FEWEST_ALIKE:
            return None
        return min(varied, key=lambda k: varied[k])

    def _to_signal(self, images: Tensor) -> Tensor:
        trainer = self.trainer
        return trainer.span.to_signal(images.to(trainer.device))

    def _judge(self, x: Tensor, y: Tensor) -> Tensor:
        """Return logits (n,) without changing D, or n/pack of them for packs."""
        trainer, config = self.trainer, self.trainer.config
        whole = len(x) // config.pack * config.pack
        if not whole:
            return x.new_zeros(0)
        x, y = pack_images(x[:whole], config.pack), y[: whole : config.pack]
        trainer.discriminator.eval()
        with engine.autocast(trainer.device, config.precision):
            condition = trainer.conditioner.for_discriminator(
                y.to(trainer.device), x, lambda x, _: x
            )
            logits: Tensor = trainer.discriminator(x, condition, trainer.class_weight)
        trainer.discriminator.train()
        return logits.float()


def gradient_norm(parameters: Iterable[nn.Parameter]) -> float:
    """Compute the Euclidean norm of all gradients together.

    Example:
        >>> w = nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> (w * torch.tensor([3.0, 4.0])).sum().backward()
        >>> gradient_norm([w])
        5.0
    """
    norms = [p.grad.norm() for p in parameters if p.grad is not None]
    return float(torch.stack(norms).norm()) if norms else 0.0


def difference(one: Tensor, other: Tensor) -> float | None:
    """Subtract the second sample's mean from the first's; None where one is empty."""
    if not len(one) or not len(other):
        return None
    return float(one.mean() - other.mean())


def standardised_gap(training: Tensor, held: Tensor) -> float | None:
    """Subtract held-out logits' mean from training logits', in standard deviations.

    Args:
        training: (n,) logits.
        held: (m,) logits.

    Returns:
        The gap, in standard deviations of the held-out logits; None where there are too
        few logits, or all held-out ones are equal.

    Example:
        >>> standardised_gap(torch.tensor([4.0, 4.0]), torch.tensor([0.0, 2.0])) > 2
        True
    """
    if not len(training) or len(held) < 2:
        return None
    spread = float(held.std())
    return float(training.mean() - held.mean()) / spread if spread > 0 else None


def remaining_slope(loss: Loss, real: Tensor, fake: Tensor) -> float | None:
    """Measure how steep G's loss is at the typical fake, compared with an undecided D.

    G's gradient is multiplied by this slope. For log(1 − σ(D(fake))) it is
    σ(D(fake)) divided by ½, its value at logit 0, and almost nothing where D is sure:
    Arjovsky and Bottou, "Towards Principled Methods for Training Generative Adversarial
    Networks" (2017), section 2.2. For a critic's −D(fake) it is always 1.

    Args:
        loss: the adversarial loss.
        real: (n,) logits; a paired loss gets their median.
        fake: (m,) logits.

    Returns:
        The median over fakes; None where there are no logits, or where the loss is flat
        for an undecided D.

    Example:
        >>> sure = torch.full((8,), 10.0)
        >>> [
        ...     round(remaining_slope(find_loss(name), sure, -sure), 4)
        ...     for name in ("bce", "bce-ns")
        ... ]
        [0.0001, 1.9999]
    """
    if not len(real) or not len(fake):
        return None
    usual = float(real.median())
    undecided = float(_slope(loss, 0.0, torch.zeros(1)))
    if not undecided:
        return None
    return float(_slope(loss, usual, fake).median()) / undecided


def _slope(loss: Loss, real: float, fake: Tensor) -> Tensor:
    """Compute |∂ generator's loss / ∂ fake| of each pair."""
    # logits come from inference, which keeps no graph
    with torch.inference_mode(False), torch.enable_grad():
        fake = fake.clone().requires_grad_()
        total = loss.generator(torch.full_like(fake, real), fake).sum()
        (slope,) = torch.autograd.grad(total, fake)
    return slope.abs()


def match_classes(
    one: NDArray[np.int64], other: NDArray[np.int64], *, group: int = 1, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose rows of two sets, equally many of each class, sorted by class.

    Args:
        one, other: (n,), (m,) classes.
        group: number of which each class has a multiple.
        most: most rows chosen of either set, shared evenly among the classes.

    Example:
        >>> one, other = match_classes(np.array([0, 0, 1]), np.array([1, 0]), most=9)
        >>> len(one), other.tolist()
        (2, [1, 0])
    """
    groups = {
        int(k): min((one == k).sum(), (other == k).sum()) // group
        for k in np.unique(other)
    }
    turns = sorted((turn, k) for k, n in groups.items() for turn in range(n))
    taken = Counter(k for _, k in turns[: most // group])
    return _take(one, taken, group), _take(other, taken, group)


def _take(
    labels: NDArray[np.int64], taken: Counter[int], group: int
) -> NDArray[np.int64]:
    """Choose `taken` groups of each class, spread over the set."""
    rows = [np.empty(0, np.int64)]
    for k in sorted(taken):
        own = np.flatnonzero(labels == k)
        rows.append(np.random.default_rng(k).permutation(own)[: taken[k] * group])
    return np.concatenate(rows)
