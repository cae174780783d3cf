"""Everything that can go wrong in the knowledge base, as one tree.

KnowledgeBaseError
├── FileRefused            a file that cannot be read as questions and answers
│   ├── FileTooLarge
│   ├── NothingBelowHeader
│   ├── UnknownEncoding
│   └── ColumnsNotRecognised
├── ModelFolderRefused     weights missing, altered or of the wrong kind
└── VersionRefused         a published version that is missing, spoiled or unknown
"""

from __future__ import annotations

from knowledge_base.problem_texts import Both


class KnowledgeBaseError(Exception):
    """The base of all errors of this package; its text says what to do.

    Attributes:
        code: a word for programs.
        zh: the text in Chinese; the English one where there is none.
        both: what a page says of it; None where there is no Chinese for it.
    """

    code = "knowledge"

    def __init__(self, message: str, zh: str = "", page: str = "") -> None:
        """Args: page: in English for a page, where a shell is told something else."""
        super().__init__(message)
        self.zh = zh or message
        self.both = Both(page or message, zh) if zh else None


class FileRefused(KnowledgeBaseError):
    """A file that cannot be taken as a whole; single bad rows are `RowProblem`s instead."""

    code = "file_refused"


class FileTooLarge(FileRefused):
    """The file, or what it unpacks to, is over a named limit."""

    code = "file_too_large"


class NothingBelowHeader(FileRefused):
    """A file that is laid out and not yet filled in."""

    code = "nothing_below_header"


class UnknownEncoding(FileRefused):
    """The bytes are not text in any encoding that can be told with certainty.

    Attributes:
        candidates: encodings that the bytes could be in, for the caller to choose from.
    """

    code = "unknown_encoding"

    def __init__(self, message: str, zh: str = "", candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message, zh)
        self.candidates = candidates


class ColumnsNotRecognised(FileRefused):
    """No column could be taken for the question or the answer.

    Attributes:
        columns: the column names found, for the caller to offer a mapping.
    """

    code = "columns_not_recognised"

    def __init__(self, message: str, zh: str, columns: tuple[str, ...]) -> None:
        super().__init__(message, zh)
        self.columns = columns


class ModelFolderRefused(KnowledgeBaseError):
    """A model folder is missing, altered or of another format.

    The text names the command that repairs it.
    """

    code = "model_folder_refused"


class VersionRefused(KnowledgeBaseError):
    """A version of the knowledge base that is missing, spoiled or unknown."""

    code = "version_refused"
