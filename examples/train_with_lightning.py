"""Train with Lightning on real and synthetic images, and validate on real ones.

Needs a folder `photos/train` with one subfolder per class, a store made from it, and
Lightning:

    ganaug synth photos/train --per-class 500 --out photos-synthetic
    pip install lightning
    python examples/train_with_lightning.py
"""

import lightning
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18
from torchvision.transforms import v2

from ganaug import SyntheticDataset

plain = [v2.ToImage(), v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True)]
augmented = v2.Compose([v2.RandomResizedCrop((32, 32), scale=(0.8, 1)), *plain])


class Classifier(lightning.LightningModule):
    def __init__(self, classes):
        super().__init__()
        self.network = resnet18(num_classes=classes)

    def training_step(self, batch):
        images, labels = batch
        return torch.nn.functional.cross_entropy(self.network(images), labels)

    def validation_step(self, batch):
        images, labels = batch
        right = self.network(images).argmax(dim=1) == labels
        self.log("accuracy", right.float().mean(), batch_size=len(labels))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-3)


real = ImageFolder("photos/train", transform=augmented)
data = SyntheticDataset(real, "photos-synthetic", share=0.25, hold_out=True)
# Lightning calls the sampler's set_epoch: each epoch has fresh synthetic images
training = DataLoader(data, batch_size=32, sampler=data.sampler())
# real images that neither the GAN nor this training sees
validation = DataLoader(data.validation(transform=v2.Compose(plain)), batch_size=32)

trainer = lightning.Trainer(max_epochs=2, logger=False, enable_checkpointing=False)
trainer.fit(Classifier(len(data.classes)), training, validation)
print(f"accuracy on real images: {trainer.callback_metrics['accuracy']:.3f}")
