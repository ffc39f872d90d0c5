"""Beginning: a trainer's networks get the weights of a parent."""

from __future__ import annotations

from collections.abc import Sequence

from ganaug.config import ResolvedConfig
from ganaug.gan.networks.stages import stage_sizes
from ganaug.gan.start.fitting import Side, fit_weights
from ganaug.gan.start.parent import Parent
from ganaug.gan.trainer import Trainer


def begin_with(trainer: Trainer, classes: Sequence[str], parent: Parent) -> list[str]:
    """Give both networks, and the average of the generator, the weights of a parent.

    After Wang et al., "Transferring GANs: generating images from limited data" (2018),
    who found that both networks are needed. Learning rate and layers are as in any
    training: a lower rate was slower and frozen layers of D (Mo et al., "Freeze the
    Discriminator", 2020) changed nothing, see benchmarks/head_start.md.

    Args:
        trainer: trainer that has not begun.
        classes: names of its classes, in label order.
        parent: networks to begin with.

    Returns:
        Names of the weights that begin from noise, since nothing of the parent fits.
    """
    sides = (
        Side(classes, _find_smallest(trainer.config)),
        Side(parent.classes, _find_smallest(parent.config)),
    )
    left = fit_weights(trainer.generator, parent.generator, *sides, from_image=False)
    trainer.average.load_state_dict(trainer.generator.state_dict())
    more = fit_weights(
        trainer.discriminator, parent.discriminator, *sides, from_image=True
    )
    return left + more


def _find_smallest(config: ResolvedConfig) -> tuple[int, int]:
    """Return the (h, w) of the networks' smallest grid."""
    return stage_sizes(config.height, config.width)[0]
