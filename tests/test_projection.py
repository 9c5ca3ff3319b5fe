import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import projection
from curator.embedding import Embedder
from curator.errors import Cancelled
from curator.model import Example, Message, Ref, Role
from curator.progress import Silent
from curator.projection import Embedded, aligned, embedded, embedded_again, inputs, normal, pca, similar, tsne
from curator.store import Project


def clustered(n: int, clusters: int = 5, d: int = 32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(clusters, d))
    label = rng.integers(0, clusters, n)
    vectors = middles[label] + 0.25 * rng.normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), label


def purity(layout: np.ndarray, label: np.ndarray) -> float:
    """How often the nearest point in the picture has the same label."""
    distance = ((layout[:, None] - layout[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return float(np.mean(label[distance.argmin(axis=1)] == label))


class Stopping(Silent):
    def __init__(self, after: int):
        self.left = after

    def cancelled(self) -> bool:
        self.left -= 1
        return self.left < 0


@given(st.integers(0, 60), st.integers(1, 80), st.integers(0, 9))
def test_similar_finds_what_comparing_with_all_finds(n, k, seed):
    vectors, _ = clustered(n, seed=seed)
    asked = clustered(1, seed=seed + 1)[0][0]
    rows, cosines = similar(vectors, asked, k)
    assert len(rows) == min(k, n)
    assert np.allclose(cosines, np.sort(vectors @ asked)[::-1][:k])
    assert list(vectors[rows] @ asked) == sorted(vectors[rows] @ asked, reverse=True)


def test_of_equal_texts_the_first_rows_are_found():
    vectors = np.tile(clustered(1)[0], (50, 1))
    rows, cosines = similar(vectors, vectors[0], 5)
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(cosines, 1)


def test_one_of_100_000_finds_its_neighbours_quickly():
    vectors, _ = clustered(100_000, d=384)
    similar(vectors, vectors[0], 200)
    begun = time.perf_counter()
    rows, _ = similar(vectors, vectors[7], 200)
    assert time.perf_counter() - begun < 0.2
    assert rows[0] == 7


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(2, 30), st.integers(0, 9))
def test_pca_is_that_of_a_singular_value_decomposition(n, d, seed):
    vectors, _ = clustered(n, d=d, seed=seed)
    layout = pca(vectors)
    assert layout.shape == (n, 2)
    assert np.isfinite(layout).all()
    if n > 3:
        left, size, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
        wanted = normal((left * size)[:, :2])
        assert np.allclose(np.abs(layout), np.abs(wanted), atol=2e-3) or size[1] - size[2] < 0.05


def test_pca_has_the_same_sign_whatever_the_order_of_rows():
    vectors, _ = clustered(200)
    order = np.random.default_rng(3).permutation(200)
    assert np.allclose(pca(vectors)[order], pca(vectors[order]), atol=1e-4)


def test_aligning_undoes_turning_mirroring_moving_and_scaling():
    layout = normal(np.random.default_rng(0).normal(size=(100, 2)))
    angle = 1.1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, -1])
    assert np.allclose(aligned(7 * layout @ turn + 3, layout), layout, atol=1e-5)


def test_tsne_keeps_clusters_together_and_lies_on_the_pca():
    vectors, label = clustered(400, clusters=8)
    seen: list[tuple[np.ndarray, int, int]] = []
    layout = tsne(vectors, each=lambda *told: seen.append(told))
    assert layout.dtype == np.float32
    assert purity(layout, label) > 0.97
    assert np.sum(layout * pca(vectors)) > 0  # not mirrored against what was shown before
    assert len(seen) > 10
    assert seen[-1][1] == seen[-1][2]
    assert np.array_equal(seen[-1][0], layout)


def test_the_same_vectors_and_seed_give_the_same_picture():
    vectors, _ = clustered(150)
    assert np.allclose(tsne(vectors, seed=4), tsne(vectors, seed=4), atol=1e-3)


def test_beyond_the_most_the_others_lie_by_their_neighbours():
    vectors, label = clustered(900, clusters=6)
    layout = tsne(vectors, most=300)
    assert layout.shape == (900, 2)
    assert np.isfinite(layout).all()
    assert purity(layout, label) > 0.95


def test_a_handful_of_points_is_shown_by_its_principal_components():
    for n in (0, 1, 2, 3, projection.FEWEST - 1):
        vectors, _ = clustered(n)
        assert np.array_equal(tsne(vectors), pca(vectors))
    assert np.isfinite(tsne(clustered(projection.FEWEST)[0])).all()


def test_equal_texts_do_no_harm():
    vectors = np.tile(clustered(3)[0], (40, 1))
    assert np.isfinite(tsne(vectors)).all()


def test_laying_out_stops_when_it_is_told_to():
    vectors, _ = clustered(300)
    with pytest.raises(Cancelled):
        tsne(vectors, progress=Stopping(5))


@pytest.fixture
def project():
    texts = ["Where is my parcel?", "My parcel has not arrived yet.", "How do I bake bread?", "Where is my parcel?"]
    with Project.temporary() as made:
        examples = [
            Example(Ref("a.jsonl", n, n + 1), (Message("user", text), Message("assistant", "x")))
            for n, text in enumerate(texts)
        ]
        made.import_source("a.jsonl", "0" * 64, "jsonl", Role.CANDIDATE, {}, examples, Silent())
        yield made


def test_examples_are_embedded_as_they_stand_and_paid_for_once(project):
    embedder = Embedder()
    found = embedded(*inputs(project), embedder)
    assert found.ids.tolist() == [1, 2, 3, 4]
    assert found.row(3) == 2
    assert found.row(9) is None
    rows, cosines = similar(found.vectors, found.vectors[0], 4)
    assert found.ids[rows].tolist() == [1, 4, 2, 3]
    assert cosines[1] == pytest.approx(1, abs=1e-3)
    again = Embedder()
    assert again.missing(["Where is my parcel?", "Never seen before, nor said."]) == 1
    assert np.array_equal(embedded(*inputs(project), again).vectors, found.vectors)
    assert again.encoded == 0
    embedder.close()
    again.close()


def test_changed_examples_take_the_place_of_their_old_vectors():
    found = Embedded(np.array([2, 5, 9]), np.eye(3, dtype=np.float32))
    embedder = Embedder()
    turn = (Message("user", "Where is my parcel?"), Message("assistant", "x"))
    changed = embedded_again([Example(Ref("a", 0, 1), turn, id=5)], embedder)
    embedder.close()
    assert changed.ids.tolist() == [5]
    new = Embedded(np.array([5, 6]), np.array([[0, 0, 1], [1, 0, 0]], dtype=np.float32))
    assert found.updated(new).vectors.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert found.vectors[1].tolist() == [0, 1, 0]
