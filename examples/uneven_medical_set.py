"""A rare finding, several images of each patient, and a class that must not be missed.

Needs folders `scans/train` and `scans/test` with subfolders `healthy` and `lesion`;
file names begin with the patient (`p07-3.png`):

    python examples/uneven_medical_set.py

It prints the recall of each class, without and with synthetic images of the rare one.
One training each says little; for a verdict, use

    ganaug gain scans/train --test scans/test --group-regex '^p[0-9]+'

Synthetic scans are for training only, never for diagnosis.
"""

import numpy as np
import torch
from sklearn.metrics import recall_score
from torch.utils.data import DataLoader

import ganaug
from ganaug.classify.network import build_classifier

BUDGET = 10  # minutes of training
EPOCHS = 20

# images of a patient are trained on or held out together
train = ganaug.load_images("scans/train", group_regex="^p[0-9]+")
test = ganaug.load_images("scans/test", size=train.size)
print(dict(zip(train.classes, train.counts.tolist(), strict=True)))

run = ganaug.train(train, "scans-run", budget=BUDGET)
store = ganaug.synthesize(run.path, "scans-synthetic", balance=True, data=train)
print(store.verdict.sentence)


def to_tensor(image):
    channels = np.atleast_3d(np.asarray(image)).transpose(2, 0, 1)
    return torch.from_numpy(channels.copy()).float() / 127.5 - 1


def fit(data):
    """Train with classes drawn evenly by the loss: the strongest simple remedy."""
    torch.manual_seed(0)
    model = build_classifier(train.size, train.channels, len(train.classes))
    weights = torch.from_numpy(train.counts.sum() / train.counts).float()
    criterion = torch.nn.CrossEntropyLoss(weights / weights.mean())
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(EPOCHS):
        for images, labels in DataLoader(data, 32, sampler=data.sampler()):
            loss = criterion(model(images), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


tests = torch.stack([to_tensor(image) for image in test.images])
for share in (0, 0.25):
    data = ganaug.SyntheticDataset(
        train, store.path, share, classes="inverse", transform=to_tensor
    )
    model = fit(data)
    with torch.inference_mode():
        found = model(tests).argmax(dim=1).numpy()
    recalls = recall_score(test.labels, found, average=None)
    said = ", ".join(
        f"{name} {recall:.2f}"
        for name, recall in zip(test.classes, recalls, strict=True)
    )
    print(f"share {share}: recall of {said}")
