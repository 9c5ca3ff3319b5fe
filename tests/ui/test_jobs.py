"""Heavy work in real child processes: progress, partial results, cancelling, crashes."""

from __future__ import annotations

import os
import signal
import time

import pytest

from curator.store import Project
from ui.jobs import Jobs


@pytest.fixture
def jobs(qtbot, support_project):
    made = Jobs()
    made.use_project(str(support_project), "Ada")
    yield made
    made.stop()


def heard(job) -> list[tuple]:
    """What a job says of itself, as it comes."""
    said: list[tuple] = []
    job.finished.connect(lambda value: said.append(("finished", value)))
    job.failed.connect(lambda value: said.append(("failed", value)))
    job.cancelled.connect(lambda: said.append(("cancelled",)))
    return said


def test_a_job_is_done_in_the_name_of_who_sits_at_the_window_now(jobs, qtbot, support_project):
    for name in ("Ada", "Grace"):
        jobs.use_project(str(support_project), name)
        job = jobs.start("check", {"only": ["structure"]}, title="Checking")
        with qtbot.waitSignal(job.finished, timeout=60_000):
            pass
    with Project.open(support_project) as project:
        assert [entry.actor for entry in project.log(2)] == ["Grace", "Ada"]


def test_a_check_tells_progress_and_what_each_check_found_before_it_ends(jobs, qtbot, support_project):
    stages, parts = set(), []
    job = jobs.start("check", {"only": ["structure", "exact_duplicate"]}, title="Checking", partial=parts.append)
    job.progress.connect(lambda done, total, text: stages.add(text))
    with qtbot.waitSignal(job.finished, timeout=60_000):
        pass
    assert [part["check"] for part in parts] == ["structure", "exact_duplicate"]
    assert "Checking: Broken structure" in stages
    with Project.open(support_project) as project:
        run = project.latest_run("check")
        assert set(run.checks) == {"structure", "exact_duplicate"}


def test_a_cancelled_job_ends_at_once_and_the_next_one_runs(jobs, qtbot):
    first = jobs.start("check", title="Checking")
    said = heard(first)
    with qtbot.waitSignal(first.progress, timeout=60_000):
        pass
    began = time.monotonic()
    first.cancel()
    assert said == [("cancelled",)]
    assert time.monotonic() - began < 0.1
    second = jobs.start("check", {"only": ["structure"]}, title="Checking")
    with qtbot.waitSignal(second.finished, timeout=60_000):
        pass
    assert said == [("cancelled",)]


def test_a_child_that_dies_is_a_message_and_the_next_job_runs(jobs, qtbot):
    job = jobs.start("check", title="Checking", failed=lambda _text: None)
    said = heard(job)
    with qtbot.waitSignal(job.progress, timeout=60_000):
        pass
    with qtbot.waitSignal(jobs.crashed, timeout=10_000):
        os.kill(jobs._lanes["main"]._child.processId(), signal.SIGKILL)
    assert [kind for kind, *_ in said] == ["failed"]
    again = jobs.start("check", {"only": ["structure"]}, title="Checking")
    with qtbot.waitSignal(again.finished, timeout=60_000):
        pass


def test_an_expected_error_is_one_sentence(jobs, qtbot):
    job = jobs.start("check", {"only": ["no_such_check"]}, title="Checking", failed=lambda _text: None)
    with qtbot.waitSignal(job.failed, timeout=60_000) as said:
        pass
    assert said.args[0].startswith("there is no check named 'no_such_check'")
    assert said.args[0].endswith(".")


def test_a_fault_of_ours_is_kept_for_a_report_and_said_plainly(jobs, qtbot):
    job = jobs.start("check", {"seed": "seven"}, title="Checking", failed=lambda _text: None)
    with qtbot.waitSignals([job.failed, jobs.crashed], timeout=60_000):
        pass
    assert not job.running


def test_an_earlier_job_with_the_same_word_is_let_go(jobs, qtbot):
    first = jobs.start("check", {"only": ["structure"]}, replace="check")
    said = heard(first)
    second = jobs.start("check", {"only": ["schema"]}, replace="check")
    with qtbot.waitSignal(second.finished, timeout=60_000):
        pass
    assert said == [("cancelled",)]


def test_stopping_ends_the_children(jobs, qtbot):
    job = jobs.start("check", title="Checking")
    with qtbot.waitSignal(job.progress, timeout=60_000):
        pass
    pid = jobs._lanes["main"]._child.processId()
    jobs.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_child_goes_when_the_window_is_killed(support_project, tmp_path):
    """A window that is killed leaves no process behind that goes on writing to the project."""
    import subprocess
    import sys

    child = subprocess.Popen(
        [sys.executable, "-m", "ui.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    order = f'{{"run": 1, "kind": "check", "project": "{support_project}", "actor": "Ada", "arguments": {{}}}}\n'
    child.stdin.write(order.encode())
    child.stdin.flush()
    assert child.stdout.readline()
    child.stdin.close()
    assert child.wait(10) == 0
    child.stdout.close()
