"""Checkpoints in repositories of the Hugging Face hub: ``hf://user/repo@revision``, without pickles or code."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from policies.names.folders import CONFIG, load_folder
from policies.names.reference import PolicyReference
from policies.policy import Policy
from scenarios.common.errors import InputError

SCHEME = "hf://"
ADDRESS = re.compile(r"hf://([\w.-]+/[\w.-]+?)(?:@([\w./-]+))?")
COMMIT = re.compile(r"[0-9a-f]{40}")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
ALLOWED_FILES = (CONFIG, "model.safetensors", *TOKENIZER_FILES, *(f"clip_tokenizer/{name}" for name in TOKENIZER_FILES))


def check_address(reference: PolicyReference) -> None:
    """Check the form of an address, without contacting the hub.

    Raises:
        InputError: It has another one.
    """
    _parse(reference.target)


def pin_revision(reference: PolicyReference) -> PolicyReference:
    """Download a repository's checkpoint, and replace the revision by its commit, so that it can't move during a run.

    Raises:
        InputError: There is no such repository or revision, or the hub can't be reached and it isn't in the cache.
    """
    repository, _ = _parse(reference.target)
    return replace(reference, target=f"{SCHEME}{repository}@{_download(reference.target).name}")


def make_hub_policy(reference: PolicyReference) -> Policy:
    """Download a repository's checkpoint unless it is in the cache, and load it.

    Raises:
        InputError: It can't be had, or isn't a checkpoint of this package.
    """
    repository, _ = _parse(reference.target)
    return load_folder(_download(reference.target), reference.choose_name(repository.partition("/")[2]))


def _parse(target: str) -> tuple[str, str | None]:
    """Return the repository and the revision, None for the main branch.

    Raises:
        InputError: The address has another form.
    """
    found = ADDRESS.fullmatch(target)
    if found is None or ".." in target:
        raise InputError(f"policy '{target}': give hf://USER/REPOSITORY, or hf://USER/REPOSITORY@REVISION")
    return found[1], found[2]


def _download(target: str) -> Path:
    """Download the files of ``ALLOWED_FILES``, and return their folder, whose name is the commit.

    Raises:
        InputError: They can't be had, or there is no ``config.json`` among them.
    """
    from huggingface_hub import snapshot_download  # slow to import
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    repository, revision = _parse(target)
    try:
        folder = Path(snapshot_download(repository, revision=revision, allow_patterns=list(ALLOWED_FILES)))
    except RepositoryNotFoundError as error:
        raise InputError(
            f"policy '{target}': there is no repository '{repository}' on the hub, or it is private and HF_TOKEN "
            "doesn't open it"
        ) from error
    except RevisionNotFoundError as error:
        raise InputError(f"policy '{target}': repository '{repository}' has no revision '{revision}'") from error
    except LocalEntryNotFoundError as error:
        raise InputError(
            f"policy '{target}': the hub can't be reached, and the checkpoint isn't in the cache: check the network, "
            "or give a folder"
        ) from error
    except HFValidationError as error:
        raise InputError(f"policy '{target}': '{repository}' can't be the name of a repository") from error
    except (OSError, HfHubHTTPError) as error:
        raise InputError(f"policy '{target}' can't be downloaded: {str(error).splitlines()[0]}") from error
    for needed in (CONFIG, "model.safetensors"):
        if not (folder / needed).is_file():
            raise InputError(
                f"policy '{target}': the repository has no {needed}, as save_pretrained of this package's networks "
                "writes it; weights in other files aren't loaded"
            )
    return folder
