"""Names and shapes of weights, which files of every version have."""

import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.gan.inputs.captions import gather_captions
from ganaug.gan.networks.build import build_generator
from ganaug.training.weights import load_tensors, save_tensors

TINY = TrainConfig(
    height=8, width=8, channels=1, latent=8, base_channels=16, max_channels=16
)
CAPTIONS = gather_captions(["a red three", "a blue four"], [0, 1])
# as the first version wrote them, in the order in which checkpoints number them
OF_CLASSES = {
    "input.embed.weight": (2, 8),
    "input.grow.weight": (256, 16), "input.grow.bias": (256,),
    "stages.0.0.expand.weight": (32, 16, 1, 1), "stages.0.0.expand.bias": (32,),
    "stages.0.0.mix.weight": (32, 16, 3, 3), "stages.0.0.mix.bias": (32,),
    "stages.0.0.reduce.weight": (16, 32, 1, 1),
    "to_image.weight": (16, 1, 4, 4), "to_image.bias": (1,),
}  # fmt: skip
OF_CAPTIONS = {
    "input.embed.words.weight": (6, 64),
    "input.embed.order.weight": (64, 64, 3), "input.embed.order.bias": (64,),
    "input.embed.out.weight": (8, 64), "input.embed.out.bias": (8,),
    "input.grow.weight": (256, 16), "input.grow.bias": (256,),
    "up.0.weight": (16, 1, 4, 4), "up.0.bias": (1,),
}  # fmt: skip
OF_SOURCES = {
    "warp.encoder.layers.0.weight": (32, 1, 3, 3), "warp.encoder.layers.0.bias": (32,),
    "warp.encoder.layers.3.weight": (32, 32, 3, 3), "warp.encoder.layers.3.bias": (32,),
    "warp.read.weight": (256, 512), "warp.read.bias": (256,),
    "warp.layers.0.weight": (256, 264), "warp.layers.0.bias": (256,),
    "warp.layers.2.weight": (256, 256), "warp.layers.2.bias": (256,),
    "warp.fields.weight": (147, 256), "warp.fields.bias": (147,),
    "warp.frame.weight": (6, 256), "warp.frame.bias": (6,),
    "draw.input.encoder.layers.0.weight": (16, 1, 3, 3),
    "draw.input.encoder.layers.0.bias": (16,),
    "draw.input.encoder.layers.3.weight": (16, 16, 3, 3),
    "draw.input.encoder.layers.3.bias": (16,),
    "draw.input.grow.weight": (256, 8), "draw.input.grow.bias": (256,),
    "draw.input.mix.weight": (16, 16, 3, 3), "draw.input.mix.bias": (16,),
    "draw.up.0.weight": (16, 2, 4, 4), "draw.up.0.bias": (2,),
}  # fmt: skip


@pytest.mark.parametrize(
    ("conditioning", "network", "conditions", "shapes"),
    [
        ("class", "r3", 2, OF_CLASSES),
        ("caption", "dcgan", CAPTIONS, OF_CAPTIONS),
        ("image", "dcgan", 2, OF_SOURCES),
    ],
)
def test_a_file_of_the_first_version_is_read(
    tmp_path, conditioning, network, conditions, shapes
):
    path = tmp_path / "generator.safetensors"
    save_tensors(path, {name: torch.randn(shapes[name]) for name in shapes}, {})
    config = TINY.replace(conditioning=conditioning, network=network)
    generator = build_generator(config, conditions)
    tensors, _ = load_tensors(path)
    generator.load_state_dict(tensors)
    assert [name for name, _ in generator.named_parameters()] == list(shapes)
    for name, weight in generator.named_parameters():
        assert torch.equal(weight, tensors[name])
