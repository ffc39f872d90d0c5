"""GANSampler: an over-sampler for imbalanced-learn, which draws rows with a GAN."""

from __future__ import annotations

import os
from collections.abc import Collection, Hashable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from ganaug.errors import ConfigError, DataError, MissingExtraError
from ganaug.tables.encoder import number_labels, to_frame
from ganaug.tables.resampling import FILTERS, fill_gaps, make_rows
from ganaug.tables.settings import suit_loss

try:
    from imblearn.over_sampling.base import BaseOverSampler
    from imblearn.utils import check_target_type
    from sklearn.utils.validation import check_array, validate_data
except ImportError as error:  # pragma: no cover
    raise MissingExtraError(
        "GANSampler needs imbalanced-learn: pip install 'ganaug[imblearn]'"
    ) from error


class GANSampler(BaseOverSampler):  # type: ignore[misc]
    """Over-sample rare classes of a table with a GAN, where SMOTE stands otherwise.

    A new row begins as a real one, moved as two neighbours of the largest class
    differ; a generator that learned from all classes makes it like rows of its class.
    Cross-fitted classifiers refuse rows of another class, and rows that repeat a real
    one are refused too. The real rows come first, in their order.

    Images go to the image GAN: give arrays (n, h, w) or (n, h, w, c), or `image_shape`.

    Args:
        sampling_strategy: as imbalanced-learn has it: `auto` brings all classes up to
            the largest one; a share, a word or a dict class → number of rows.
        categorical_features: columns that hold categories though they are numbers:
            names, indices or a mask; text, booleans and pandas' categories are found.
        missing: `keep` draws missing values as such; `impute` fills them in with
            medians and most frequent values, in the real rows too.
        filters: of `label` and `copy`; None for no filter.
        loss: name of the adversarial loss; `wgan-gp` is the classic choice.
        settings: further fields of `TableConfig` → value.
        budget: most seconds of training; for images minutes times 60. None trains on a
            fixed number of rows, so that the result is the same on every machine.
        folder: keeps the training there; the same call resumes it or takes it as it is.
        image_shape: (h, w) or (h, w, c) of the images that the rows of X are.
        random_state: seed of everything; None draws another one each time.

    Attributes:
        sampling_strategy_: class → number of new rows.
        notes_: what is worth knowing of the result, a sentence each.
        new_rows_: figures of the new rows, a DataFrame: `agreement`, the probability
            of the class by cross-fitted classifiers, and `distance`, that to the
            nearest real row over the usual one. None for images.

    Raises:
        DataError: the table has infinite values or a column name twice.
        ConfigError: a setting has a value that is not allowed.

    Example:
        >>> from sklearn.datasets import make_classification
        >>> X, y = make_classification(90, weights=[0.8], flip_y=0, random_state=0)
        >>> sampler = GANSampler(settings={"images": 640}, random_state=0)
        >>> X_more, y_more = sampler.fit_resample(X, y)
        >>> np.bincount(y).tolist(), np.bincount(y_more).tolist()
        ([73, 17], [73, 73])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseOverSampler._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"})],
        "missing": [StrOptions({"keep", "impute"})],
        "filters": ["array-like", None],
        "loss": [str],
        "settings": [Mapping, None],
        "budget": [Interval(Real, 0, None, closed="neither"), None],
        "folder": [str, os.PathLike, None],
        "image_shape": ["array-like", None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        categorical_features: Any = "auto",
        missing: str = "keep",
        filters: Collection[str] | None = FILTERS,
        loss: str = "relativistic",
        settings: Mapping[str, Any] | None = None,
        budget: float | None = None,
        folder: str | os.PathLike[str] | None = None,
        image_shape: Collection[int] | None = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.categorical_features = categorical_features
        self.missing = missing
        self.filters = filters
        self.loss = loss
        self.settings = settings
        self.budget = budget
        self.folder = folder
        self.image_shape = image_shape
        self.random_state = random_state

    def _check_X_y(self, X: Any, y: Any) -> Any:  # noqa: N802, N803 (its base's names)
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        if isinstance(X, pd.DataFrame):
            _refuse_odd_columns(X)
        else:
            X = check_array(  # noqa: N806
                X, dtype=None, ensure_all_finite="allow-nan", allow_nd=True
            )
        validate_data(self, X=X, y=y, reset=True, skip_check_array=True)
        return X, y, binarize_y

    def _fit_resample(self, X: Any, y: Any) -> Any:  # noqa: N803
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        if self.image_shape is not None or np.ndim(X) > 2:
            return self._resample_images(X, y, seed)
        return self._resample_table(X, y, seed)

    def _resample_table(self, x: Any, y: Any, seed: int) -> Any:
        table = to_frame(x)
        notes: tuple[str, ...] = ()
        if self.missing == "impute":
            table, notes = fill_gaps(table)
        labels, classes = number_labels(y)
        config = suit_loss(self.loss).replace(**{"seed": seed, **(self.settings or {})})
        new = make_rows(
            table,
            labels,
            {classes.index(name): n for name, n in self.sampling_strategy_.items()},
            names=classes,
            categories=self._find_categories(table),
            config=config,
            filters=tuple(self.filters or ()),
            folder=None if self.folder is None else Path(self.folder),
            budget=self.budget,
        )
        self.notes_ = [*notes, *new.notes]
        self.new_rows_: pd.DataFrame | None = pd.DataFrame(
            {"agreement": new.drawn.agreement, "distance": new.drawn.distance}
        )
        y_new = np.concatenate(
            [y, _take(classes, new.drawn.labels, np.asarray(y).dtype)]
        )
        if isinstance(x, pd.DataFrame):
            return pd.concat([table, new.table], ignore_index=True), y_new
        base = x if self.missing == "keep" else table.to_numpy(dtype=x.dtype)
        made = new.table.to_numpy(dtype=x.dtype)
        return np.concatenate([base, made]), y_new

    def _find_categories(self, table: pd.DataFrame) -> list[Hashable]:
        asked = self.categorical_features
        if isinstance(asked, str):
            return []
        asked = list(asked)
        names = list(table.columns)
        if len(asked) == len(names) and all(
            isinstance(a, bool | np.bool_) for a in asked
        ):
            return [name for name, is_it in zip(names, asked, strict=True) if is_it]
        found = [
            names[a] if isinstance(a, int | np.integer) and a not in names
            and -len(names) <= a < len(names) else a
            for a in asked
        ]  # fmt: skip
        for name in found:
            if name not in names:
                raise ConfigError(
                    f"categorical_features names {name!r}, which is no column; give "
                    "names, indices or a mask"
                )
        return found

    def _resample_images(self, x: Any, y: Any, seed: int) -> Any:
        from ganaug.plugins.image_rows import make_images

        labels, classes = number_labels(y)
        counts = {classes.index(k): n for k, n in self.sampling_strategy_.items()}
        images, made = make_images(
            np.asarray(x), labels, counts,
            shape=self.image_shape, seed=seed, folder=self.folder, budget=self.budget,
            settings=self.settings,
        )  # fmt: skip
        self.notes_, self.new_rows_ = [], None
        y_new = np.concatenate([y, _take(classes, made, np.asarray(y).dtype)])
        return images, y_new

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags


def _take(classes: list[Any], places: NDArray[np.int64], kind: Any) -> NDArray[Any]:
    values = np.empty(len(classes), object)
    values[:] = classes
    return np.asarray(values[places].astype(kind))


def _refuse_odd_columns(x: pd.DataFrame) -> None:
    twice = x.columns[x.columns.duplicated()]
    if len(twice):
        raise DataError(
            f"X has the column {twice[0]!r} twice; rename or remove one of them"
        )
