"""A small word tokenizer for the compact backbones, with Kosmos-2's grounding tokens.

One word is one token; an unknown word becomes ``<unk>``. It is saved and loaded as a ``PreTrainedTokenizerFast``
(``tokenizer.json``), as the tokenizers of the full-size models are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel

from policies.transformers_models import PreTrainedTokenizerBase, PreTrainedTokenizerFast
from scenarios.common.errors import InputError

BOS, PAD, UNK, EOS = "<s>", "<pad>", "<unk>", "</s>"  # ids 0 to 3; </s> isn't 2: CLIPTextModel treats 2 as "legacy"
IMAGE, END_IMAGE = "<image>", "</image>"
GROUNDING, PHRASE, END_PHRASE = "<grounding>", "<phrase>", "</phrase>"
OBJECT, END_OBJECT = "<object>", "</object>"
SPECIAL = (BOS, PAD, UNK, EOS, IMAGE, END_IMAGE, GROUNDING, PHRASE, END_PHRASE, OBJECT, END_OBJECT)

# Words of the tasks: those of every scenario family, even if a data set doesn't contain them.
TASK_WORDS = (
    "a an and the of in on at to by with past around between behind near next beside before after from into over under "
    "go drive move head navigate travel reach approach find follow track stop turn pass cross keep avoid get make your "
    "way robot room hall hallway corridor door doorway opening gap wall floor path end side left right front ahead "
    "straight down up forward middle centre center first second third one two single both "
    "box boxes obstacle obstacles target goal cup ball sphere cone barrel cylinder pillar cube block crate person "
    "people without touching anything for it one which that you see "
    "red green blue yellow orange purple pink cyan magenta white black grey gray brown "
    "small big large tall short wide narrow "
)


def patch_token(index: int) -> str:
    """Return Kosmos-2's token of a location, given the index of its cell in the image's grid, row by row."""
    return f"<patch_index_{index:04d}>"


def build_tokenizer(texts: Iterable[str], locations: int) -> PreTrainedTokenizerFast:
    """Build a tokenizer from the tasks' words, the words of ``texts`` and ``locations`` patch-index tokens.

    The vocabulary depends only on the set of words, not on their order or number.
    """
    words = set(TASK_WORDS.split())
    for text in texts:
        words.update(re.findall(r"[^\W_]+", text.lower()))
    names = [*SPECIAL, *(patch_token(i) for i in range(locations)), *sorted(words)]
    raw = Tokenizer(WordLevel({name: i for i, name in enumerate(names)}, unk_token=UNK))
    raw.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    raw.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\W_]+"), behavior="removed")
    special = [*SPECIAL, *(patch_token(i) for i in range(locations))]
    raw.add_special_tokens(special)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token=BOS,
        eos_token=EOS,
        unk_token=UNK,
        pad_token=PAD,
        additional_special_tokens=special[4:],
    )


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer (compact or full size) from a folder.

    Raises:
        InputError: The folder contains no tokenizer, or it can't be read.
    """
    from transformers import AutoTokenizer

    try:
        if (folder / "tokenizer.json").is_file() and not (folder / "preprocessor_config.json").is_file():
            return PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # the tokenizers package raises plain exceptions
        raise InputError(f"no tokenizer can be read from {folder}: {error}") from error
    return tokenizer
