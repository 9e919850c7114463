"""For all tests: nothing fails for being slow, since machines are shared and noisy; and what one run of the tests
remembers, the next doesn't find.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("copydesk", deadline=None)
settings.load_profile("copydesk")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
