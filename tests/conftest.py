"""For all tests: nothing fails for being slow, since machines are shared and noisy; what one run of the tests
remembers, the next doesn't find; and tests that run side by side share the cores.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Before torch is loaded, here and in the programs that tests start: more threads than cores only wait for each other.
if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))

settings.register_profile("copydesk", deadline=None)
settings.load_profile("copydesk")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
