"""Label planes: the class as further channels of D's input, the classic way."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganaug.gan.networks.embedding import Discriminator


class LabelPlanes(Discriminator):
    """A discriminator that sees the class as further channels of the image.

    One constant plane per class is joined to the image, √classes · w in the plane of
    its class and 0 in the others: Mirza and Osindero, "Conditional Generative
    Adversarial Nets" (2014), equation 2, with y repeated at every place as in Reed et
    al. (2016), section 4.1. The mean square over all planes is 1, nearly that of
    images, so that the first layer starts as well as without them. The class weight w,
    which grows from 0 to 1, is the planes' brightness; there is no class term.

    Args:
        judge_planes: discriminator without classes, of images with these channels.
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
        # the planes enter before the first layer, so each class needs a pass of its own
        judged = [self.judge(x, own, class_weight) for own in y.unbind(dim=1)]
        return torch.stack([logits for logits, _ in judged], dim=1), judged[0][1]

    def _join(self, x: Tensor, y: Tensor, class_weight: Tensor | float) -> Tensor:
        own = y[:, None] == torch.arange(self.classes, device=y.device)
        values = own.to(x) * (math.sqrt(self.classes) * class_weight)
        planes = values.to(x)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        joined = torch.cat([x, planes], dim=1)
        return joined.contiguous(memory_format=torch.channels_last)
