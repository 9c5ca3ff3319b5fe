"""The child's jobs that look at the meaning of examples: more like this, and the map."""

from pathlib import Path

import numpy as np
import pytest

from curator.errors import Cancelled, InputError
from curator.model import Decision, Verdict
from curator.progress import Silent
from ui.worker import projection, similar
from ui.worker.state import State
from ui.worker.vectors import kept_vectors


@pytest.fixture
def state(support_project: Path):
    made = State(str(support_project), "Ada")
    yield made
    made.close()


class Stopped(Silent):
    def cancelled(self) -> bool:
        return True


def test_more_like_this_gives_the_nearest_first_and_not_itself(state):
    example = next(e for e in state.project.examples() if e.input == "When will I get my refund?")
    found = similar.run(state, {"example": example.id, "limit": 10}, Silent())
    assert len(found["ids"]) == len(found["cosines"]) == 10
    assert example.id not in found["ids"]
    assert found["cosines"] == sorted(found["cosines"], reverse=True)
    texts = [e.input for e in state.project.get_examples(found["ids"])]
    assert "refund" in texts[0].lower()


def test_a_text_finds_what_means_the_same(state):
    found = similar.run(state, {"text": "How long until you have refunded me?", "limit": 5}, Silent())
    assert any("refund" in e.input.lower() for e in state.project.get_examples(found["ids"]))


def test_an_example_that_is_gone_is_said(state):
    with pytest.raises(InputError, match="no longer in the project"):
        similar.run(state, {"example": 10_000_000}, Silent())


def test_vectors_are_kept_between_jobs_and_follow_an_edit(state):
    kept = kept_vectors(state, Silent())
    assert kept_vectors(state, Silent()) is kept
    one, other = list(state.project.examples())[:2]
    before = kept.found
    state.project.decide([Decision("", one.id, "", "Ada", Verdict.KEEP)])
    assert kept_vectors(state, Silent()).found is before
    edited = '[{"role": "user", "content": "Bread needs an oven."}, {"role": "assistant", "content": "x"}]'
    state.project.decide([Decision("", other.id, "", "Ada", Verdict.EDIT, edited)])
    after = kept_vectors(state, Silent()).found
    assert not np.array_equal(after.vectors[after.row(other.id)], before.vectors[before.row(other.id)])
    assert np.array_equal(after.vectors[after.row(one.id)], before.vectors[before.row(one.id)])


def test_the_map_comes_at_once_and_then_better(state, tmp_path):
    told = []
    state.partial = told.append
    result = projection.run(state, {"folder": str(tmp_path)}, Silent())
    assert told[0]["method"] == "pca"
    assert result["method"] == "tsne"
    ids = np.load(result["ids"])
    assert ids.tolist() == [e.id for e in state.project.examples()]
    for one in (told[0], result):
        layout = np.load(one["path"])
        assert (layout.shape, layout.dtype) == ((len(ids), 2), np.float32)
        assert one["count"] == len(ids)
    again = projection.run(state, {"folder": str(tmp_path)}, Silent())
    assert np.array_equal(np.load(again["path"]), np.load(result["path"]))


def test_a_map_that_would_have_to_embed_much_asks_first(state, tmp_path, monkeypatch):
    monkeypatch.setenv("CURATOR_CACHE_DIR", str(tmp_path / "empty"))
    result = projection.run(state, {"folder": str(tmp_path), "at_most": 100}, Silent())
    assert result["count"] == 0
    assert result["missing"] > 900


def test_the_map_stops_when_it_is_told_to(state, tmp_path):
    with pytest.raises(Cancelled):
        projection.run(state, {"folder": str(tmp_path)}, Stopped())
