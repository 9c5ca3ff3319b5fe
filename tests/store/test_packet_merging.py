"""Packets of a project in either database: written, answered elsewhere, merged."""

from pathlib import Path

from store_material import load

from curator.model import Decision, Kind, Round, RoundItem, Slot, Verdict, content_key
from curator.review.packets.exchange import merge_packet, write_packets
from curator.review.packets.project import answer_packet, open_packet
from curator.store import Project


def test_packets_go_out_and_come_back_in_either_database(project: Project, tmp_path: Path) -> None:
    load(project)
    items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(project.examples())]
    slots = [Slot(item.example, slot, who, item.place) for slot, who in enumerate(("Ann", "Bo")) for item in items]
    round = project.rounds.add(Round("", 0, "", "generation", (), "", 0, ("Ann", "Bo"), 2), items, slots)
    for written in write_packets(project, round, tmp_path / "out"):
        with Project.open(open_packet(written.path)) as local:
            for example in local.ids():
                vote = Decision("", example, "", written.reviewer, Verdict.KEEP, kind=Kind.VOTE, round=round.id)
                local.decide([vote])
            local.undo()
            sent = answer_packet(local).path
        done = merge_packet(project, sent)
        # What was undone there is sent as taken back: it might have been sent before.
        assert (done.new, done.taken_back, done.left) == (len(items) - 1, 1, 1)
        assert merge_packet(project, sent).new == 0
    stands = project.rounds.votes(round.id)
    assert [(v.example, v.reviewer) for v in stands] == [(i.example, n) for i in items[:-1] for n in round.reviewers]
