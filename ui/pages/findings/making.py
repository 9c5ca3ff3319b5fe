"""From what a presenter made of a finding to the widget that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curator.model import Finding
from ui.context import Context
from ui.pages.findings.bodies import Body, ConflictBody, GroupBody, LeakBody, PlainBody
from ui.pages.findings.label_bodies import FieldsBody, LabelBody, LabelSetBody, SliceBody
from ui.pages.findings.pair_bodies import MismatchBody, ShiftBody
from ui.presenters import findings_labels as labels
from ui.presenters import findings_views as views

BODIES: dict[type, Any] = {
    views.Group: GroupBody,
    views.Conflict: ConflictBody,
    views.Leak: LeakBody,
    views.Plain: PlainBody,
    views.Mismatch: MismatchBody,
    views.Shift: ShiftBody,
    labels.LabelSet: LabelSetBody,
    labels.Fields: FieldsBody,
    labels.Slice: SliceBody,
}


def body_of(context: Context, finding: Finding, view: Any, names: Sequence[str] = ()) -> Body:
    """The widget for a view; `names`: the labels of the data."""
    if isinstance(view, labels.Label):
        return LabelBody(context, finding, view, names)
    made: Body = BODIES[type(view)](context, finding, view)
    return made
