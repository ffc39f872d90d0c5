"""SyntheticDataset: lengths, labels, kinds, transforms, workers and refusals."""

import pickle

import albumentations
import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from stores import save_untrained
from torch.utils.data import DataLoader, RandomSampler, Subset, TensorDataset
from torchvision.transforms import v2

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize

CLASSES = ("ant", "bee", "cat")
COUNTS = (12, 6, 3)


def save_real(folder, size=(8, 12)):
    rng = np.random.default_rng(0)
    for name, n in zip(CLASSES, COUNTS, strict=True):
        (folder / name).mkdir(parents=True)
        for k in range(n):
            pixels = rng.integers(0, 256, (*size, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{k}.png")
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("sets")
    save_real(root / "real")
    run = save_untrained(root / "run")
    synthesize(run, root / "store", per_class=40, device="cpu", filters=None)
    synthesize(run, root / "minority", per_class={"cat": 9}, device="cpu", filters=None)
    grey = save_untrained(root / "grey-run", channels=1)
    synthesize(grey, root / "grey", per_class=40, device="cpu", filters=None)
    coarse = save_untrained(root / "coarse-run", data_size=(32, 48))
    synthesize(coarse, root / "coarse", per_class=40, device="cpu", filters=None)
    save_real(root / "large", (32, 48))
    return root


@pytest.fixture
def real(root):
    return torchvision.datasets.ImageFolder(
        root / "real", transform=torchvision.transforms.ToTensor()
    )


def test_share_decides_length_and_class_frequencies(real, root):
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    assert len(mixed) == 42
    assert mixed.targets[:21] == real.targets
    assert np.bincount(mixed.targets[21:]).tolist() == list(COUNTS)
    assert mixed.is_synthetic.tolist() == [False] * 21 + [True] * 21
    assert [mixed[i][1] for i in range(42)] == mixed.targets
    even = SyntheticDataset(real, root / "store", share=0.5, classes="balanced")
    assert np.bincount(even.targets[21:]).tolist() == [7, 7, 7]


def test_none_takes_the_whole_store_and_zero_none_of_it(real, root):
    whole = SyntheticDataset(real, Store.load(root / "store"), share=None)
    assert len(whole) == 21 + 120
    assert len({path for path, _ in whole.samples}) == 141
    plain = SyntheticDataset(real, root / "store", share=0)
    assert len(plain) == 21
    assert not plain.is_synthetic.any()
    assert torch.equal(plain[3][0], real[3][0])


def test_it_looks_like_an_image_folder(real, root):
    mixed = SyntheticDataset(real, root / "store")
    assert mixed.classes == real.classes
    assert mixed.class_to_idx == real.class_to_idx
    assert mixed.samples[:21] == real.samples
    assert mixed.imgs == mixed.samples
    for i in (21, 27):
        path, label = mixed.samples[i]
        image = torchvision.transforms.functional.to_tensor(Image.open(path))
        assert torch.equal(mixed[i][0], image)
        assert label == mixed[i][1]
    assert len(list(mixed)) == len(mixed)
    assert torch.equal(mixed[-1][0], mixed[len(mixed) - 1][0])
    with pytest.raises(IndexError):
        mixed[len(mixed)]


def test_epochs_differ_and_cover_the_store(real, root):
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    seen, first = [], mixed.samples[21:]
    for epoch in range(3):
        mixed.set_epoch(epoch)
        assert len(mixed) == 42
        seen += mixed.samples[21:]
    assert len(set(seen)) == 63
    mixed.set_epoch(0)
    assert mixed.samples[21:] == first
    other = SyntheticDataset(real, root / "store", share=0.5, seed=1)
    assert other.samples[21:] != first


def test_labels_go_by_name(root):
    labels = np.repeat([5, 3, 9], COUNTS)
    real = LabelledImages(
        np.zeros((21, 8, 12, 3), np.uint8),
        np.repeat([2, 1, 0], COUNTS),
        ("cat", "bee", "ant"),
    )
    mixed = SyntheticDataset(real, root / "minority", share=0.3)
    assert set(mixed.targets[21:]) == {0}
    assert mixed.class_to_idx == {"cat": 0, "bee": 1, "ant": 2}
    with pytest.raises(StoreError, match=r"images of cat, but the real classes are 3"):
        SyntheticDataset((np.zeros((21, 8, 12, 3)), labels), root / "minority")


def test_string_labels_stay_strings(root):
    names = np.repeat(CLASSES, COUNTS)
    real = [(np.zeros((8, 12), np.float32), str(name)) for name in names]
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    image, label = mixed[30]
    assert (image.shape, image.dtype, label) == ((8, 12), np.float32, "ant")
    assert mixed.class_to_idx == {"ant": 0, "bee": 1, "cat": 2}


@pytest.mark.parametrize("store", ["store", "grey"])
@pytest.mark.parametrize(
    "first",
    [
        np.zeros((8, 12), np.uint8),
        np.zeros((8, 12, 1), np.uint8),
        np.zeros((6, 6, 3), np.float32),
        np.zeros((3, 8, 12), np.float64),
        torch.zeros(1, 8, 12),
        torch.zeros(4, 7, 7, dtype=torch.uint8),
        Image.new("L", (12, 8)),
        Image.new("RGB", (12, 8)),
    ],
    ids=lambda image: str(getattr(image, "dtype", getattr(image, "mode", ""))),
)
def test_synthetic_images_are_of_the_real_kind(root, store, first):
    names = np.repeat(CLASSES, COUNTS)
    mixed = SyntheticDataset([(first, str(name)) for name in names], root / store)
    assert mixed[0][0] is first
    image = mixed[25][0]
    assert isinstance(image, type(first))
    if isinstance(first, Image.Image):
        assert (image.mode, image.size) == (first.mode, first.size)
    else:
        assert (image.shape, image.dtype) == (first.shape, first.dtype)
        assert image.max() <= (255 if "uint8" in str(first.dtype) else 1)
        assert len(np.unique(np.asarray(image))) > 10


def test_a_tensor_dataset_collates(root):
    labels = torch.repeat_interleave(torch.arange(3), torch.tensor(COUNTS))
    real = TensorDataset(torch.rand(21, 3, 8, 12), labels)
    run = save_numbered(root)
    mixed = SyntheticDataset(real, run, share=0.5)
    images, labels = next(iter(DataLoader(mixed, batch_size=42)))
    assert images.shape == (42, 3, 8, 12)
    assert labels.tolist() == mixed.targets
    with pytest.raises(ConfigError, match="takes a whole store"):
        SyntheticDataset(real, run, share=None)


def save_numbered(root):
    path = root / "numbered-run"
    return path if path.exists() else save_untrained(path, classes=("0", "1", "2"))


def test_a_run_is_drawn_into_memory(real, root):
    mixed = SyntheticDataset(real, root / "run", share=0.5)
    first = torch.stack([mixed[i][0] for i in range(21, 42)])
    mixed.set_epoch(1)
    second = torch.stack([mixed[i][0] for i in range(21, 42)])
    assert first.shape == (21, 3, 8, 12)
    assert not torch.equal(first, second)
    assert not hasattr(mixed, "samples")


def test_the_transform_is_borrowed_or_given(root):
    transform = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32), v2.Resize((4, 4))])
    real = torchvision.datasets.ImageFolder(
        root / "real", transform=transform, target_transform=lambda label: label * 10
    )
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    assert torch.equal(mixed[2][0], real[2][0])
    assert mixed[41][0].shape == (3, 4, 4)
    assert (mixed[20][1], mixed[41][1]) == (20, 20)
    assert real.transform is transform  # the user's own set is left as it was
    bare = SyntheticDataset(real, root / "store", transform=None, target_transform=None)
    assert isinstance(bare[0][0], Image.Image)
    assert isinstance(bare[22][0], Image.Image)
    assert bare[20][1] == 2


def test_albumentations_is_called_its_own_way(root):
    real = torchvision.datasets.ImageFolder(root / "real")
    transform = albumentations.Compose(
        [albumentations.HorizontalFlip(p=1), albumentations.ToTensorV2()]
    )
    mixed = SyntheticDataset(real, root / "store", transform=transform)
    pixels = np.asarray(real[0][0])[:, ::-1].transpose(2, 0, 1)
    np.testing.assert_array_equal(mixed[0][0].numpy(), pixels)
    assert mixed[25][0].shape == (3, 8, 12)


class OwnDataset(torch.utils.data.Dataset):
    """A user's Dataset without a list of labels, with albumentations' transforms."""

    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 21

    def __getitem__(self, i):
        pixels = np.full((8, 12, 3), i, np.uint8)
        return self.transform(image=pixels)["image"], "aaaaaaaaaaaabbbbbbccc"[i]


def test_a_users_own_dataset(root):
    run = root / "letters-run"
    save_untrained(run, classes=("a", "b", "c"))
    own = OwnDataset(albumentations.Compose([albumentations.InvertImg(p=1)]))
    mixed = SyntheticDataset(own, run, share=0.5)
    assert mixed.targets[:21] == list("aaaaaaaaaaaabbbbbbccc")
    np.testing.assert_array_equal(mixed[3][0], own[3][0])
    assert mixed[30][0].shape == (8, 12, 3)


def test_arrays_become_pictures_for_torchvision(root):
    run = save_numbered(root)
    real = (np.zeros((21, 8, 12), np.uint8), np.repeat([0, 1, 2], COUNTS))
    transform = torchvision.transforms.Compose(
        [torchvision.transforms.Resize(5), torchvision.transforms.PILToTensor()]
    )
    mixed = SyntheticDataset(real, run, transform=transform)
    images, _ = next(iter(DataLoader(mixed, batch_size=len(mixed))))
    assert images.shape == (28, 1, 5, 7)


@pytest.mark.parametrize("as_tensor", [False, True])
def test_resolution_is_matched_where_that_is_asked_for(root, as_tensor, caplog):
    transform = torchvision.transforms.ToTensor()
    real = torchvision.datasets.ImageFolder(root / "large", transform=transform)
    source = [(x, CLASSES[y]) for x, y in real] if as_tensor else real
    sharp = SyntheticDataset(source, root / "coarse")
    assert caplog.text == "", "real images stay as they are"
    mixed = SyntheticDataset(source, root / "coarse", share=0.5, match_resolution=True)
    assert caplog.text.count("leave out match_resolution") == 1
    assert torch.equal(sharp[0][0], real[0][0])
    assert mixed[0][0].shape == mixed[30][0].shape == sharp[22][0].shape == (3, 32, 48)
    assert [detail(mixed[i][0]) for i in (0, 30)] == [True, True]
    assert not detail(sharp[0][0])


@pytest.mark.parametrize("name", ["match_resolution", "hold_out"])
def test_flags_are_yes_or_no(real, root, name):
    SyntheticDataset(real, root / "store", **{name: np.False_})
    for value in ("sometimes", 1, None):
        with pytest.raises(ConfigError, match=f"{name}=.* is not True or False"):
            SyntheticDataset(real, root / "store", **{name: value})


def test_without_synthetic_images_nothing_is_matched(root, caplog):
    real = torchvision.datasets.ImageFolder(root / "large")
    plain = SyntheticDataset(real, root / "coarse", share=0, match_resolution=True)
    assert np.array_equal(plain[3][0], real[3][0])
    assert caplog.text == ""


def detail(image):
    """Whether an 8 × 12 grid holds almost all of the image."""
    spectrum = torch.fft.fft2(image - image.mean((1, 2), keepdim=True)).abs() ** 2
    low = spectrum[:, [*range(5), *range(-4, 0)]][:, :, [*range(7), *range(-6, 0)]]
    return float(low.sum() / spectrum.sum()) > 0.9


def test_pickle_subset_and_samplers(real, root):
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    mixed.set_epoch(2)
    copied = pickle.loads(pickle.dumps(mixed))
    assert all(torch.equal(mixed[i][0], copied[i][0]) for i in (0, 25, 41))
    part = Subset(mixed, np.flatnonzero(mixed.is_synthetic))
    assert len(part) == 21
    loader = DataLoader(mixed, 7, sampler=RandomSampler(mixed))
    assert sorted(int(y) for _, labels in loader for y in labels) == sorted(
        mixed.targets
    )
    weights = torch.utils.data.WeightedRandomSampler([1.0] * len(mixed), 10)
    assert sum(len(y) for _, y in DataLoader(mixed, 5, sampler=weights)) == 10


def test_a_subset_is_a_real_set(real, root):
    mixed = SyntheticDataset(Subset(real, [0, 13, 20, 2]), root / "store", share=0.5)
    assert mixed.targets[:4] == [0, 1, 2, 0]
    assert mixed.classes == list(CLASSES)
    assert torch.equal(mixed[1][0], real[13][0])
    assert mixed[6][0].shape == (3, 8, 12)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_set_epoch_reaches_workers_that_live_on(root, method):
    real = torchvision.datasets.ImageFolder(
        root / "real", transform=torchvision.transforms.PILToTensor()
    )
    mixed = SyntheticDataset(real, root / "store", share=0.5, real_only_after=0.6)
    loader = DataLoader(
        mixed,
        21,
        num_workers=2,
        persistent_workers=True,
        multiprocessing_context=method,
    )
    for epoch in (0, 1, 6, 9, 5):
        mixed.set_epoch(epoch, of=10)
        images = torch.cat([images for images, _ in loader])
        assert torch.equal(images, torch.stack([mixed[i][0] for i in range(42)]))
        assert mixed.is_synthetic.any() == (epoch < 6)
    del loader


def draw_numbered():
    """Make real images with their number as grey level."""
    names = np.repeat(CLASSES, COUNTS)
    return [
        (np.full((8, 12, 3), k, np.uint8), str(name)) for k, name in enumerate(names)
    ]


def test_real_images_stand_in_at_the_end(root):
    mixed = SyntheticDataset(
        draw_numbered(), root / "store", share=0.5, weights=0.3, real_only_after=0.6
    )
    targets, seen = list(mixed.targets), []
    for epoch in range(5):
        mixed.set_epoch(epoch, of=5)
        items = [mixed[i] for i in range(len(mixed))]
        assert [label for _, label, _ in items] == mixed.targets == targets
        last = epoch >= 3
        assert mixed.is_synthetic.sum() == (0 if last else 21)
        weights = [1] * 42 if last else [1] * 21 + [0.3] * 21
        assert [float(w) for *_, w in items] == pytest.approx(weights)
        if last:
            numbers = [int(image[0, 0, 0]) for image, *_ in items]
            assert numbers[:21] == list(range(21))
            assert [targets[number] for number in numbers] == targets
            assert sorted(numbers[21:]) == list(range(21))
            seen.append(numbers[21:])
    assert seen[0] != seen[1]


def test_stand_ins_are_named_and_transformed(root):
    real = torchvision.datasets.ImageFolder(
        root / "large", transform=torchvision.transforms.ToTensor()
    )
    mixed = SyntheticDataset(
        real, root / "coarse", share=0.5, match_resolution=True, real_only_after=0.5
    )
    mixed.set_epoch(1, of=2)
    path, label = mixed.samples[30]
    place = real.samples.index((path, label))
    assert label == mixed.targets[30]
    assert torch.equal(mixed[30][0], mixed[place][0])
    assert torch.equal(mixed[30][0], real[place][0]), "nothing synthetic to match"
    mixed.set_epoch(0, of=2)
    assert not torch.equal(mixed[place][0], real[place][0])


def test_a_class_without_real_images_gets_others_with_their_labels(real, root):
    part = Subset(real, range(18))
    mixed = SyntheticDataset(part, root / "store", share=None, real_only_after=0.5)
    assert mixed.targets[-40:] == [2] * 40
    mixed.set_epoch(1, of=2)
    labels = [mixed[i][1] for i in range(18, len(mixed))]
    assert labels[:80] == mixed.targets[18:98]
    assert set(labels[80:]) == {0, 1}


def test_the_last_phase_needs_the_number_of_epochs(real, root):
    mixed = SyntheticDataset(real, root / "store", real_only_after=0.6)
    with pytest.raises(ConfigError, match=r"call set_epoch\(epoch, of=epochs\)"):
        mixed.set_epoch(2)
    with pytest.raises(ConfigError, match=r"must lie in \(0, 1\]"):
        SyntheticDataset(real, root / "store", real_only_after=0)


@pytest.mark.parametrize("share", [1, 1.0, 2, -0.5])
def test_shares_are_checked(real, root, share):
    with pytest.raises(ConfigError, match="must lie in"):
        SyntheticDataset(real, root / "store", share=share)


class Doubled(torch.utils.data.Dataset):
    """A user's own part of a set, with a transform for that part."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices
        self.transform = torchvision.transforms.Lambda(lambda x: 2 * x)

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, i):
        image, label = self.dataset[self.indices[i]]
        return self.transform(image), label


def test_a_parts_own_transform_comes_after_that_of_the_whole(real, root):
    part = Doubled(real, [0, 13, 20])
    mixed = SyntheticDataset(part, root / "store", share=0.5)
    assert torch.equal(mixed[1][0], 2 * real[13][0])
    image, label = mixed[3]
    drawn = [
        2 * torchvision.transforms.functional.to_tensor(Image.open(path))
        for path in (root / "store" / CLASSES[label]).iterdir()
    ]
    assert any(torch.equal(image, one) for one in drawn), "it is doubled, too"


def test_a_part_that_forwards_to_the_whole_has_no_transform_of_its_own(real, root):
    class Forwarding(Subset):
        def __getattr__(self, name):
            if name.startswith("__") or name == "dataset":
                raise AttributeError(name)
            return getattr(self.dataset, name)

    mixed = SyntheticDataset(Forwarding(real, [0, 13, 20]), root / "store", share=0.5)
    assert torch.equal(mixed[1][0], real[13][0])


def test_labels_may_be_true_or_false(tmp_path):
    run = save_untrained(tmp_path / "run", classes=("0", "1"))
    synthesize(run, tmp_path / "s", per_class=9, device="cpu", filters=None)
    images = np.zeros((3, 8, 12, 3), np.uint8)
    for labels in (np.array([True, False, True]), [True, False, True]):
        mixed = SyntheticDataset((images, labels), tmp_path / "s", share=0.5)
        assert mixed.targets[:3] == [1, 0, 1]


def test_labels_beyond_the_classes_are_refused(root):
    class Numbered(list):
        classes = ("ant", "bee")

    items = [(np.zeros((8, 12, 3), np.uint8), k) for k in (1, 1, 2)]
    with pytest.raises(DataError, match=r"a label 2, .* 0 \(ant\), 1 \(bee\)"):
        SyntheticDataset(Numbered(items), root / "store")


def test_long_names_are_not_cut_to_the_first_ones_length(tmp_path):
    classes = ("ant", "elephant")
    run = save_untrained(tmp_path / "run", classes=classes)
    synthesize(run, tmp_path / "s", per_class=9, device="cpu", filters=None)
    labels = np.array(["ant", "ant", "elephant"])
    images = np.zeros((3, 8, 12, 3), np.uint8)
    mixed = SyntheticDataset((images, labels), tmp_path / "s", share=0.75)
    assert {mixed[i][1] for i in range(len(mixed))} == set(classes)


def test_other_refusals(real, root, tmp_path):
    with pytest.raises(ConfigError, match="not one of natural, balanced"):
        SyntheticDataset(real, root / "store", classes="even")
    with pytest.raises(StoreError, match="images of 0, 1, 2, but the real classes"):
        SyntheticDataset(real, save_numbered(root))
    with pytest.raises(DataError, match="is not a real set"):
        SyntheticDataset(5, root / "store")
    with pytest.raises(DataError, match="is a path; give a Dataset"):
        SyntheticDataset(root, root / "store")
    with pytest.raises(DataError, match="is empty"):
        SyntheticDataset([], root / "store")
    with pytest.raises(DataError, match="pairs"):
        SyntheticDataset([1, 2], root / "store")
    with pytest.raises(DataError, match="normalised"):
        SyntheticDataset([(torch.randn(3, 8, 8), "ant")], root / "store")
