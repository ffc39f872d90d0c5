"""Train with Hugging Face on real and synthetic images, and validate on real ones.

Needs a folder `photos/train` with one subfolder per class, a store made from it, and
three packages:

    ganaug synth photos/train --per-class 500 --out photos-synthetic
    pip install datasets transformers accelerate
    python examples/train_with_hugging_face.py
"""

import torch
from datasets import load_dataset
from torchvision.transforms import v2
from transformers import (
    ResNetConfig,
    ResNetForImageClassification,
    Trainer,
    TrainingArguments,
)

from ganaug import SyntheticDataset

transform = v2.Compose(
    [v2.ToImage(), v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True)]
)


def to_values(batch):
    """Transform a batch of the table's rows; synthetic images go the same way."""
    values = [transform(image.convert("RGB")) for image in batch["image"]]
    return {"pixel_values": values, "labels": batch["label"]}


def measure_accuracy(prediction):
    right = prediction.predictions.argmax(axis=1) == prediction.label_ids
    return {"accuracy": right.mean()}


table = load_dataset("imagefolder", data_dir="photos/train", split="train")
data = SyntheticDataset(
    table.with_transform(to_values), "photos-synthetic", share=0.25, hold_out=True
)
trainer = Trainer(
    ResNetForImageClassification(ResNetConfig(num_labels=len(data.classes))),
    TrainingArguments(
        "photos-classifier",
        num_train_epochs=2,
        per_device_train_batch_size=32,
        save_strategy="no",
        report_to="none",
        remove_unused_columns=False,  # the transform needs the image
    ),
    train_dataset=data,  # the Trainer calls its set_epoch
    eval_dataset=data.validation(),  # neither the GAN nor this training sees these
    compute_metrics=measure_accuracy,
)
trainer.train()
print(f"accuracy on real images: {trainer.evaluate()['eval_accuracy']:.3f}")
