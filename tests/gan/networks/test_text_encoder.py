"""Encoders of captions against the same written plainly, and where they enter."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from ganaug.gan.inputs.captions import gather_captions
from ganaug.gan.networks.embedding import LatentInput, ProjectionHead
from ganaug.gan.networks.text_encoder import build_encoder

TEXTS = ["a red three", "three on blue red", "blue"]
CAPTIONS = gather_captions(TEXTS, [0, 0, 0])


def plain_encoding(encoder, words):
    """Encode by hand: scaled word vectors and what neighbours add, then `out`."""
    numbers = [CAPTIONS.words.index(word) + 1 for word in words]
    vectors = encoder.words.weight[numbers]
    padded = torch.cat([torch.zeros(1, 64), vectors, torch.zeros(1, 64)])
    total = torch.zeros(64)
    for i in range(len(words)):
        taps = [encoder.order.weight[:, :, k] @ padded[i + k] for k in range(3)]
        total += vectors[i] + F.leaky_relu(sum(taps) + encoder.order.bias, 0.2)
    return encoder.out(total / total.square().mean().sqrt())


def test_a_caption_begins_as_the_sum_of_its_words():
    encoder = build_encoder(CAPTIONS, 16)
    with torch.no_grad():
        one, other = encoder(CAPTIONS.read(["red blue three", "three blue red"]))
    assert torch.allclose(one, other, atol=1e-5)


def test_words_and_their_order_are_encoded():
    torch.manual_seed(0)
    encoder = build_encoder(CAPTIONS, 16)
    with torch.no_grad():
        encoder.order.weight.normal_(0, 0.1)
        encoder.order.bias.normal_()
        found = encoder(CAPTIONS.rows[torch.tensor([[0, 1], [2, 0]])])
        assert found.shape == (2, 2, 16)
        for place, k in zip(
            ((0, 0), (0, 1), (1, 0), (1, 1)), (0, 1, 2, 0), strict=True
        ):
            want = plain_encoding(encoder, TEXTS[k].split())
            assert torch.allclose(found[place], want, atol=1e-4)
        longer = CAPTIONS.read(TEXTS)
        assert longer.shape[1] > CAPTIONS.rows.shape[1]
        assert torch.allclose(encoder(longer[1]), found[0, 1], atol=1e-5)


def test_own_vectors_are_centred_and_scaled():
    vectors = {text: np.random.default_rng(k).normal(3, 2, 5) for k, text in
               enumerate(TEXTS)}  # fmt: skip
    captions = gather_captions(
        TEXTS, [0, 0, 0], encode=lambda texts: np.array([vectors[t] for t in texts])
    )
    encoder = build_encoder(captions, 16)
    with torch.no_grad():
        found = encoder(captions.rows)[2]
        apart = np.array(vectors["blue"]) - np.mean(list(vectors.values()), axis=0)
        scaled = apart / math.sqrt(np.square(apart).mean())
        want = encoder.out(torch.tensor(scaled, dtype=torch.float32))
    assert torch.allclose(found, want, atol=1e-4)


def test_the_projection_term_is_an_inner_product():
    head = ProjectionHead(4, (2, 2), CAPTIONS, 8)
    x, y = torch.randn(3, 4, 2, 2), torch.tensor([[0, 1], [2, 0], [1, 2]])
    with torch.no_grad():
        logits, phi = head(x, CAPTIONS.rows[y], 0.5)
        for i in range(3):
            for j in range(2):
                e = head.embed(CAPTIONS.rows[y[i, j]])
                term = sum(e[k] * phi[i, k] for k in range(8)) / math.sqrt(8)
                want = head.logit(phi[i])[0] + 0.5 * term
                assert torch.allclose(logits[i, j], want, atol=1e-5)


def test_the_generator_gets_z_and_the_caption():
    entry = LatentInput(6, CAPTIONS, 4, (2, 2))
    z, embedding = torch.randn(2, 6), entry.embed(CAPTIONS.rows[1:3])
    joined = torch.cat([z, embedding], dim=1)
    want = entry.grow(joined).view(2, 2, 2, 4).permute(0, 3, 1, 2)
    assert torch.allclose(entry(z, embedding), want)
