"""Consistency: which unlabelled images a step learns from, and as what."""

import numpy as np
import torch

from ganaug.classify.adaptation.consistency import add_consistent
from ganaug.classify.learning import Batch


def test_sure_guesses_count_and_count_more_as_training_goes_on():
    pool = np.zeros((6, 4, 4, 1), np.uint8)
    pool[::2] = 200
    batch = Batch(torch.zeros(4, 1, 4, 4), torch.eye(2)[[0, 1, 0, 1]], torch.ones(4))

    def guess(images):
        bright = images.mean(axis=(1, 2, 3)) > 190
        unsure = np.where(bright[:, None], [0.05, 0.95], [0.55, 0.45])
        unsure[4:] = [0.9, 0.1]  # how sure it is of labelled images
        return unsure.astype(np.float32)

    made = list(
        add_consistent(
            [batch] * 4, pool, guess, weak=np.copy, strong=np.copy, steps=4, seed=0
        )
    )
    assert [len(each.images) for each in made] == [8] * 4
    assert made[0].weights[4:].tolist() == [0] * 4
    last = made[-1]
    bright = last.images[4:].mean(dim=(1, 2, 3)) > 0
    assert bright.any()
    assert not bright.all()
    assert last.weights[4:][bright].tolist() == [1] * int(bright.sum())
    assert last.targets[4:][bright].argmax(dim=1).unique().tolist() == [1]
    assert torch.equal(last.images[:4], batch.images)
