"""A training script as torchvision's references have it; three lines are ganaug's.

Needs folders `photos/train` and `photos/test`, and a store made from the first:

    ganaug synth photos/train --per-class 500 --out photos-synthetic
    python examples/train_with_torchvision.py --epochs 2
"""

import argparse

import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import get_model
from torchvision.transforms import v2

from ganaug import SyntheticDataset  # 1


def load_data(args):
    plain = [v2.ToImage(), v2.Resize((args.size, args.size))]
    plain += [v2.ToDtype(torch.float32, scale=True)]
    augmented = v2.Compose([v2.RandomHorizontalFlip(), *plain])
    train = ImageFolder("photos/train", augmented)
    test = ImageFolder("photos/test", v2.Compose(plain))
    classes = len(train.classes)
    train = SyntheticDataset(train, "photos-synthetic", share=args.share)  # 2
    sampler = train.sampler()  # 3; torch's RandomSampler(train) before
    return (
        DataLoader(train, args.batch_size, sampler=sampler),
        DataLoader(test, args.batch_size),
        classes,
    )


def train_one_epoch(model, criterion, optimiser, loader):
    model.train()
    for images, labels in loader:
        loss = criterion(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


@torch.inference_mode()
def evaluate(model, loader):
    model.eval()
    right = [model(images).argmax(dim=1) == labels for images, labels in loader]
    return torch.cat(right).float().mean().item()


def main(args):
    train, test, classes = load_data(args)
    model = get_model(args.model, weights=None, num_classes=classes)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, args.epochs)
    for epoch in range(args.epochs):
        train.sampler.set_epoch(epoch)  # as in any distributed training
        train_one_epoch(model, criterion, optimiser, train)
        schedule.step()
        print(f"epoch {epoch}: accuracy on real images {evaluate(model, test):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--share", type=float, default=0.25)
    main(parser.parse_args())
