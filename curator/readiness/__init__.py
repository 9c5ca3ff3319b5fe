"""Should this be fine-tuned at all? An answer from the data and from a few questions that data cannot answer.

`judge` weighs what a check found: points, each with what was measured and what it would take (`amount`, `held_out`, `truth`,
`outputs`, `spread`, `coverage`). `ladder` takes these and the answers to the questions (`questions`) to a rung: better prompt,
few-shot prompting, retrieval, fine-tune; "mend the data first" is a state on the way to the last.
"""

from curator.readiness.answer import Readiness
from curator.readiness.coverage import Coverage, coverage
from curator.readiness.evidence import Agreed, Evidence
from curator.readiness.judging import judge
from curator.readiness.ladder import Rung, State, decide, openings
from curator.readiness.points import Point, Todo
from curator.readiness.questions import QUESTIONS, SETTING, Answers

__all__ = [
    "QUESTIONS",
    "SETTING",
    "Agreed",
    "Answers",
    "Coverage",
    "Evidence",
    "Point",
    "Readiness",
    "Rung",
    "State",
    "Todo",
    "coverage",
    "decide",
    "judge",
    "openings",
]
