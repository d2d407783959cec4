from __future__ import annotations

import torch

from policies.backbones.fused.decoder import FusedDecoder
from policies.backbones.kosmos2 import (
    pointing_logits,
    project_to_word_embeddings,
    run_decoder,
    select_last_state,
)

INSTRUCTIONS = ["go", "go to the red ball", "drive to the blue box at the end of the corridor"]


def test_state_and_pointing_are_those_of_the_whole_decoder(hybrid) -> None:
    model, prompt = hybrid.backbones.kosmos2, hybrid.backbones.prompts.encode(INSTRUCTIONS)
    patches, width = hybrid.backbones.patches["kosmos2"], hybrid.backbones.widths["kosmos2_tokens"]
    tokens = torch.randn(len(INSTRUCTIONS), 1 + patches, width)
    with torch.inference_mode():
        state = select_last_state(run_decoder(model, tokens, prompt.kosmos2), prompt)
        pointing = torch.sigmoid(pointing_logits(project_to_word_embeddings(model, tokens), state))
        ours = FusedDecoder(model)(tokens, prompt)
    assert torch.allclose(ours[0], state, atol=1e-4)
    assert torch.allclose(ours[1], pointing, atol=1e-5)
