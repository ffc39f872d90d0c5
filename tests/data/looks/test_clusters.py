"""Clusters of look: the mixture, the rule for their number, and what is proposed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from ganaug import load_images
from ganaug.data.looks.clusters import (
    choose_clusters,
    cluster_like,
    fit_clusters,
    is_confounded,
)
from ganaug.data.looks.kmeans import find_means
from ganaug.data.looks.look import measure_looks
from ganaug.data.looks.mixture import fit_mixture
from ganaug.data.looks.proposal import propose_domains
from ganaug.data.looks.sources import count_sources
from ganaug.errors import DataError

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def domains():
    return load_images("digits-domains")


def test_the_mixture_is_as_likely_as_that_of_scikit_learn():
    x = np.concatenate(
        [RNG.normal(m, s, (60, 3)) for m, s in ((0, 1), (4, 0.5), (-5, 2))]
    )
    own = fit_mixture(x, 3)
    theirs = GaussianMixture(
        3, covariance_type="diag", reg_covar=1e-2, n_init=8, random_state=0
    ).fit(x)
    likelihood = np.logaddexp.reduce(own.score(x), axis=1).mean()
    assert likelihood == pytest.approx(theirs.score(x), abs=0.01)
    assert adjusted_rand_score(own.assign(x), theirs.predict(x)) > 0.98


def test_means_are_those_of_scipy():
    x = RNG.normal(size=(90, 4))
    for seed in range(3):
        theirs = kmeans2(x, 5, minit="++", missing="raise", seed=seed)[1]
        assert find_means(x, 5, seed=seed).tolist() == theirs.tolist()


def test_a_cluster_without_rows_is_no_result():
    assert find_means(np.zeros((6, 2)), 3) is None


def test_four_looks_are_found_without_their_number(domains):
    found = load_images(replace(domains, domains=None, domain_names=()),
                        domain_from="clusters")  # fmt: skip
    assert found.domain_names == ("look-1", "look-2", "look-3", "look-4")
    assert adjusted_rand_score(domains.domains, found.domains) > 0.8


def test_a_number_that_is_given_is_kept_and_ordered_by_brightness(domains):
    found = load_images(domains, domain_from="clusters:2")
    assert found.domain_names == ("look-1", "look-2")
    means = [found.images[found.domains == d].mean() for d in range(2)]
    assert means[0] < means[1]


def test_digits_have_no_domains():
    digits = load_images("digits")
    looks = measure_looks(digits.images)
    assert choose_clusters(looks, digits.labels) is None
    assert propose_domains(looks, digits.labels) is None
    one = load_images(digits, domain_from="clusters")
    assert one.domain_names == ("look-1",)
    assert "find no domain" in one.notes[-1]


def test_test_images_are_put_into_the_clusters_of_the_training_images(domains):
    found = load_images(domains, domain_from="clusters:4")
    tests = load_images("digits-domains-test")
    like = cluster_like(tests, found)
    assert adjusted_rand_score(tests.domains, like.domains) > 0.8
    assert np.array_equal(cluster_like(found, found).domains, found.domains)


def test_what_is_proposed(domains):
    said = propose_domains(measure_looks(domains.images), domains.labels).say()
    assert "4 kinds of look" in said
    assert "of 10 classes were seen in one of them only" in said
    assert said.endswith("--domain-from clusters:4")


def test_classes_of_two_sources_cannot_be_repaired(domains):
    plain, inverted = (domains.domain_names.index(n) for n in ("plain", "inverted"))
    rows = ((domains.labels < 2) & (domains.domains == plain)) | (
        np.isin(domains.labels, (2, 3)) & (domains.domains == inverted)
    )
    part = domains.subset(np.flatnonzero(rows))
    found = propose_domains(measure_looks(part.images), part.labels)
    assert found.kind == "sources"
    assert "no generator can repair it" in found.say()


def test_sources_whose_classes_have_no_cluster_in_common():
    looks = RNG.normal(size=(400, 6)).astype(np.float32)
    labels = np.arange(400) % 4
    assert count_sources(looks, labels) == 0
    looks[:, 0] += 7 * (labels > 1)  # wide against what else differs
    looks[:, 1:] *= 8
    assert count_sources(looks, labels) == 2
    assert count_sources(looks, np.where(labels > 0, 1, 0)) == 0


@pytest.mark.parametrize(
    "counts",
    [
        [[20, 20], [20, 20], [20, 20]],  # nothing is missing
        [[20, 0], [20, 0], [0, 20], [0, 20]],  # no class is in both
        [[20, 20], [20, 20], [20, 0], [20, 20]],  # a single class
        [[20, 0, 0], [20, 0, 0], [10, 10, 0], [0, 0, 20]],  # one cluster is a class
        [[20, 0], [20, 0], [19, 1], [18, 1], [10, 10]],  # a gradual difference
    ],
)
def test_tables_that_show_no_domains(counts):
    assert not is_confounded(np.array(counts))


def test_too_few_images_for_the_clusters():
    with pytest.raises(DataError, match="too few for 3 clusters"):
        fit_clusters(np.zeros((5, 4), np.float32), 3)
