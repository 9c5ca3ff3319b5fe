"""What the map says, without the window."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.catalogue import Catalogue
from curator.model import Decision, Verdict
from curator.store import Project
from ui.presenters.map import MOST_GROUPS, Columns, bounds, colored, columns_of, inside_polygon, kinds, status_text


def columns(n: int, **known: object) -> Columns:
    none = np.full(n, -1, dtype=np.int32)
    given = {
        "present": np.ones(n, dtype=bool),
        "labels": none,
        "label_names": (),
        "sources": np.zeros(n, dtype=np.int32),
        "source_names": ("data/a.jsonl",),
        "splits": none,
        "split_names": ("train", "validation", "test"),
        "statuses": none,
        "status_names": ("keep", "drop"),
        "checks": {},
    }
    return Columns(**(given | known))


def shown(coloring) -> list[tuple[str, int]]:
    return [(group.title, group.count) for group in coloring.groups]


def test_labels_are_ordered_by_how_many_they_are():
    found = colored("label", columns(6, labels=np.array([1, 0, 1, -1, 1, 0]), label_names=("a", "b")))
    assert shown(found) == [("b", 3), ("a", 2), ("No label", 1)]
    assert found.codes.tolist() == [0, 1, 0, 2, 0, 1]
    assert [group.color for group in found.groups] == [0, 1, -1]
    assert found.members(1).tolist() == [False, True, False, False, False, True]


def test_beyond_a_dozen_the_smallest_labels_stand_together():
    labels = np.concatenate([np.repeat(np.arange(20), np.arange(20, 0, -1))])
    found = colored("label", columns(len(labels), labels=labels, label_names=[f"l{n}" for n in range(20)]))
    assert len(found.groups) == MOST_GROUPS
    assert found.groups[0].title == "l0"
    assert found.groups[-1].title == "9 others"
    assert sum(group.count for group in found.groups) == len(labels)
    assert (found.codes[labels >= 11] == MOST_GROUPS - 1).all()


def test_a_point_has_the_colour_of_its_rarest_check_and_counts_for_all():
    often, seldom = np.array([1, 1, 1, 0], bool), np.array([0, 1, 0, 0], bool)
    found = colored("check", columns(4, checks={"outlier": often, "length": seldom, "schema": np.zeros(4, bool)}))
    assert shown(found) == [("Outliers", 3), ("Length", 1), ("Nothing found", 1)]
    assert found.codes.tolist() == [0, 1, 0, 2]
    assert found.members(0).tolist() == [True, True, True, False]


def test_examples_that_are_gone_have_no_colour():
    here = np.array([True, False])
    for kind in ("check", "source", "status", "split", "label"):
        found = colored(kind, columns(2, present=here, checks={"outlier": np.array([True, True])}))
        assert found.codes[1] == -1
        assert sum(group.count for group in found.groups) == 1


def test_there_is_only_a_choice_of_what_is_known():
    assert kinds(columns(3)) == ["source", "status"]
    assert kinds(columns(1, labels=np.zeros(1, np.int32), checks={"length": np.ones(1, bool)})) == [
        "label",
        "check",
        "source",
        "status",
    ]


def test_the_catalogue_is_read_by_id(support_project):
    with Project.open(support_project, actor="Ada") as project:
        first, second = list(project.examples())[:2]
        project.decide([Decision("", second.id, "", "Ada", Verdict.DROP)])
        catalogue = Catalogue.load(project)
    found = columns_of(catalogue, np.array([first.id, second.id, 10_000_000]))
    assert found.present.tolist() == [True, True, False]
    assert [found.label_names[code] for code in found.labels[:2]] == [first.output, second.output]
    assert [found.status_names[code] if code >= 0 else "" for code in found.statuses] == ["", "drop", ""]
    assert found.splits.tolist() == [-1, -1, -1]
    whole = columns_of(catalogue, catalogue.ids)
    assert {name: int(mask.sum()) for name, mask in whole.checks.items()} == catalogue.check_counts()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=8))
def test_a_lasso_holds_what_a_ray_crosses_its_edge_once_for(corners):
    polygon = np.array(corners, dtype=np.float64)
    grid = np.stack(np.meshgrid(np.arange(0.5, 30), np.arange(0.5, 30)), axis=-1).reshape(-1, 2)

    def crossings(x: float, y: float) -> int:
        count = 0
        for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                count += 1
        return count

    wanted = [crossings(x, y) % 2 == 1 for x, y in grid]
    clear = [all(abs(_beside(x, y, a, b)) > 1e-6 for a, b in _edges(polygon)) for x, y in grid]
    found = inside_polygon(grid, polygon)
    assert found[clear].tolist() == np.array(wanted)[clear].tolist()


def _edges(polygon):
    return list(zip(polygon, np.roll(polygon, -1, axis=0), strict=True))


def _beside(x, y, a, b) -> float:
    return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])


def test_a_stray_point_does_not_make_the_rest_a_spot():
    points = np.random.default_rng(0).normal(size=(5_000, 2)).astype(np.float32)
    points[0] = 1_000
    assert bounds(points).width < 10


@pytest.mark.parametrize("n", [0, 1])
def test_few_points_have_bounds_too(n):
    found = bounds(np.zeros((n, 2), dtype=np.float32))
    assert found.width > 0
    assert found.height > 0


def test_the_state_of_the_picture_is_said():
    assert status_text("pca", 0, 1).startswith("A first view")
    assert status_text("tsne", 125, 500) == "Taking shape: 25%"
    assert status_text("tsne", 1, 1) == ""
