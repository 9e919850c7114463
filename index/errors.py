"""What can go wrong, said in one line that a user can act on."""


class CopydeskError(Exception):
    """Something the user can mend: the message says what and where, and what to do next.

    The command line prints it as one line and exits with 1; the chat shows it and keeps the conversation.
    """


class BadInputError(CopydeskError):
    """A file, a line or a field that can't be read as an article or a question."""


class ArchiveError(CopydeskError):
    """The archive folder can't be opened, read or written."""


class ArchiveBusyError(ArchiveError):
    """Another process is writing to the archive."""


class ManifestMismatchError(ArchiveError):
    """The archive was built with another embedding model or splitter than the one now set."""


class ModelError(CopydeskError):
    """A model can't be loaded, or its weights are not the ones expected."""


class SearchError(CopydeskError):
    """A search path failed; an answer without it would be silently worse, so there is none."""
