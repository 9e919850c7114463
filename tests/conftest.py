"""For all tests: nothing fails for being slow, since machines are shared and noisy."""

from hypothesis import settings

settings.register_profile("copydesk", deadline=None)
settings.load_profile("copydesk")
