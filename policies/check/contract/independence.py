"""Checks that a slot's answers depend on its own episode alone, and on what is in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from policies.check.contract.bench import SAME, Bench
from policies.check.contract.drive import DrivePlan, measure_difference
from policies.check.contract.samples import SampleEpisode
from policies.check.findings import FAULT, NOT_CHECKED, NOTE, OK, CheckFinding

ALONE = "keep the state of each slot in a row or an entry of its own, and compute each row from that row alone"
CHANGE_AT = 2  # step at which a slot ends or is restarted


def check_slots(bench: Bench) -> CheckFinding:
    """Change what the other slots see: the first slot's answers must stay."""
    others = bench.plan([0, *[-1] * (bench.slots - 1)])
    difference = bench.differs_in_slot(bench.drive(others))
    if difference > SAME:
        evidence = f"slot 0 answers differ by {difference:.2g} when other episodes are driven beside it"
        return CheckFinding("slots", FAULT, evidence, ALONE, is_hard=True)
    return CheckFinding("slots", OK, f"slot 0 differs by {difference:.1g} beside other episodes")


def check_place(bench: Bench) -> CheckFinding:
    """Give the same episode to every slot: all must answer the same."""
    answers = bench.drive(bench.plan([0] * bench.slots)).answers
    rows = [[answer[slot] for answer in answers] for slot in range(bench.slots)]
    gaps = [measure_difference(row, rows[0]) for row in rows]
    if max(gaps) > SAME:
        evidence = f"slot {gaps.index(max(gaps))} differs from slot 0 by {max(gaps):.2g} in the same episode"
        return CheckFinding(
            "place", FAULT, evidence, "don't compute with the slot's number or with the order of the slots"
        )
    return CheckFinding("place", OK, f"{bench.slots} slots with the same episode differ by {max(gaps):.1g}")


def check_live(bench: Bench) -> CheckFinding:
    """End all other episodes: the first slot must go on as if they hadn't."""
    ended = dict.fromkeys(range(1, bench.slots), CHANGE_AT)
    record = bench.drive(replace(bench.usual_plan, ended=ended))
    if record.answers[-1].shape != bench.first.answers[-1].shape:
        evidence = f"act returned shape {record.answers[-1].shape} for {bench.slots} slots of which one is live"
        return CheckFinding("live", FAULT, evidence, "return a row for every slot, also where live is False")
    difference = bench.differs_in_slot(record)
    if difference > SAME:
        evidence = f"slot 0 differs by {difference:.2g} once the other slots' episodes have ended (live is False)"
        return CheckFinding("live", FAULT, evidence, ALONE)
    return CheckFinding("live", OK, f"slot 0 differs by {difference:.1g} once the other slots' episodes have ended")


def check_partial_reset(bench: Bench) -> CheckFinding:
    """Reset one slot in the middle: the first one must go on as if it hadn't been."""
    plan = replace(bench.usual_plan, restarted={1: CHANGE_AT})
    difference = bench.differs_in_slot(bench.drive(plan))
    if difference > SAME:
        evidence = f"slot 0 differs by {difference:.2g} after reset([1], …) in the middle of its episode"
        return CheckFinding("partial reset", FAULT, evidence, "reset only the slots that reset names")
    return CheckFinding("partial reset", OK, f"slot 0 differs by {difference:.1g} after reset([1], …)")


def check_batch_size(bench: Bench) -> CheckFinding:
    """Drive the same episode in a batch of one, by a new policy, and in every slot of a batch."""
    many = bench.drive(bench.plan([0] * bench.slots)).answers
    one = bench.alone.answers
    difference = measure_difference([answer[0] for answer in many], [answer[0] for answer in one])
    evidence = f"an episode alone differs by {difference:.2g} from the same one in {bench.slots} slots"
    if difference > SAME:
        remedy = "compute nothing with the size of the batch; switch batch normalisation to eval mode"
        return CheckFinding("batch size", FAULT, evidence, remedy)
    return CheckFinding("batch size", OK, evidence)


def check_use_of_pictures(bench: Bench) -> CheckFinding:
    """Exchange the frames: if nothing changes, it doesn't look at them."""
    if bench.spec.image_size is None:
        return CheckFinding("uses pictures", NOT_CHECKED, "its spec takes no images")
    plan = bench.usual_plan
    swapped = tuple(mine.with_frames_of(other) for mine, other in _pairs(plan))
    difference = measure_difference(bench.drive(replace(plan, episodes=swapped)).answers, bench.first.answers)
    if difference <= SAME:
        evidence = f"answers don't change with the picture (by {difference:.1g})"
        return CheckFinding("uses pictures", NOTE, evidence, "if it should see: are the weights loaded, is it in use?")
    return CheckFinding("uses pictures", OK, f"other pictures change its answers by up to {difference:.2g}")


def check_use_of_instructions(bench: Bench) -> CheckFinding:
    """Exchange the instructions: if nothing changes, it doesn't read them."""
    plan = bench.usual_plan
    swapped = tuple(replace(mine, instruction=other.instruction) for mine, other in _pairs(plan))
    difference = measure_difference(bench.drive(replace(plan, episodes=swapped)).answers, bench.first.answers)
    if difference <= SAME:
        evidence = f"answers don't change with the instruction (by {difference:.1g})"
        return CheckFinding("uses instruction", NOTE, evidence, "if it should read: does reset keep the instructions?")
    return CheckFinding("uses instruction", OK, f"other instructions change its answers by up to {difference:.2g}")


def _pairs(plan: DrivePlan) -> Iterable[tuple[SampleEpisode, SampleEpisode]]:
    """Return each episode of a plan with the next one, the last with the first."""
    return zip(plan.episodes, (*plan.episodes[1:], plan.episodes[0]), strict=True)
