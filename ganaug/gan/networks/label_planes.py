"""Label planes: the classic way to show D the class, as further channels."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganaug.gan.networks.embedding import Discriminator


class LabelPlanes(Discriminator):
    """A discriminator without classes that sees them beside the image's channels.

    One constant plane per class is joined to the image, √classes · w where it is the
    class and 0 elsewhere: y joined to D's input as in Mirza and Osindero, "Conditional
    Generative Adversarial Nets" (2014), equation 2, repeated at every place as in Reed
    et al. (2016), section 4.1. Planes of all classes have a mean square of 1, as images
    nearly have, so that the first layer starts as it would without them. There is no
    further term: w, from 0 to 1 while the class ramps in, is the planes' brightness.

    Args:
        judge_planes: discriminator of images with these further channels.
        classes: number of classes, and of planes.

    Example:
        >>> from ganaug.gan.networks.dcgan import DCGANDiscriminator
        >>> plain = DCGANDiscriminator(
        ...     [(4, 4), (8, 8)], channels=3 + 10, classes=0, width=8, norm=None,
        ...     slope=0.2,
        ... )
        >>> y = torch.tensor([[3, 7], [0, 1]])
        >>> LabelPlanes(plain, 10)(torch.zeros(2, 3, 8, 8), y).shape
        torch.Size([2, 2])
    """

    def __init__(self, judge_planes: Discriminator, classes: int) -> None:
        super().__init__()
        self.inner, self.classes = judge_planes, classes

    def judge(
        self, x: Tensor, y: Tensor, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        if y.ndim == 1:
            return self.inner.judge(self._join(x, y, class_weight), y, class_weight)
        # the planes enter before every layer, so each class costs a pass
        judged = [self.judge(x, own, class_weight) for own in y.unbind(dim=1)]
        return torch.stack([logits for logits, _ in judged], dim=1), judged[0][1]

    def _join(self, x: Tensor, y: Tensor, class_weight: Tensor | float) -> Tensor:
        own = y[:, None] == torch.arange(self.classes, device=y.device)
        values = own.to(x) * (math.sqrt(self.classes) * class_weight)
        planes = values.to(x)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        joined = torch.cat([x, planes], dim=1)
        return joined.contiguous(memory_format=torch.channels_last)
