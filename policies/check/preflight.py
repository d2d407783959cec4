"""The short form of the contract, for a policy that is about to be evaluated."""

from __future__ import annotations

from policies.check.contract.contract import check_quickly
from policies.policy import Policy
from scenarios.common.errors import InputError


def check_before_driving(policy: Policy, name: str, slots: int) -> list[str]:
    """Check a loaded policy in a few calls; return a sentence for each fault with which it can still be driven.

    Args:
        policy: The policy; it is reset at each block, so it may have been driven before.
        name: As typed.
        slots: Size of its batches.

    Raises:
        InputError: A fault with which no result would mean anything.
    """
    findings = check_quickly(policy, slots)
    sentences = [f"{finding.check}: {finding.evidence}; {finding.remedy}" for finding in findings]
    hard = [sentence for finding, sentence in zip(findings, sentences, strict=True) if finding.is_hard]
    if hard:
        raise InputError(
            f"policy '{name}' breaks its contract: {'. '.join(hard)} ('python -m policies.check {name}' tells more, "
            "--no-check drives it nevertheless)"
        )
    return [f"policy '{name}': {sentence}" for sentence in sentences]
