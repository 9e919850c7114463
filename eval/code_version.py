"""Which code and which shipped models gave an answer."""

from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

_ROOMS = ("index", "qa", "eval")
# Code, weights and what is set beside them. What a set asks, and of which articles, is told apart without them.
_KINDS = frozenset({".py", ".json", ".safetensors"})


@lru_cache(maxsize=1)
def code_sha256() -> str:
    """One hash over the files that an answer or its scores can depend on, as they are when this is first asked."""
    digest = sha256()
    for room in _ROOMS:
        folder = Path(str(files(room)))
        for path in sorted(path for path in folder.glob("*") if path.suffix in _KINDS):
            digest.update(f"{room}/{path.name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
