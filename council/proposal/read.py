"""Bytes to a proposal: where they come from, what they must be, how they are parsed."""

from __future__ import annotations

import hashlib
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from council.errors import MissingInputError, ProposalError
from council.proposal.draft import Draft, Format
from council.proposal.english import english_share
from council.proposal.headings import with_bold_headings
from council.proposal.hidden import find_hidden
from council.proposal.markdown import markdown_blocks
from council.proposal.model import PROSE, Proposal
from council.proposal.outline import Outline, outline
from council.proposal.references import mark_references
from council.proposal.sniff import sniff
from council.proposal.template import mark_template

STDIN = "<stdin>"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_RST_SUFFIXES = frozenset({".rst", ".rest"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a proposal may be.

    Attributes:
        max_bytes: size of the file.
        max_words: words in all, code and comments counted.
        min_words: words of prose; 0 accepts a document without any.
        max_rst_lines: lines of reStructuredText, because docutils takes more than twice the time for twice the lines.
    """

    max_bytes: int = 2_000_000
    max_words: int = 200_000
    min_words: int = 1
    max_rst_lines: int = 50_000


def read_proposal(path: str | Path | Literal["-"], *, limits: Limits = Limits(), stdin: BinaryIO | None = None) -> Proposal:
    """Read a proposal from a file, or from standard input for "-" and /dev/stdin.

    Args:
        path: a Markdown or reStructuredText file.
        limits: what it may be; checked before any work.
        stdin: read instead of the process's standard input.

    Raises:
        MissingInputError: there is no such file.
        ProposalError: it is no file, cannot be read, or is no text that can be reviewed.
    """
    if str(path) in ("-", "/dev/stdin"):
        data = (stdin or sys.stdin.buffer).read(limits.max_bytes + 1)
        return parse_proposal(data, source=STDIN, limits=limits)
    name = _printable(str(path))
    data = _read_file(Path(path), name, limits)
    return parse_proposal(data, source=name, format=_format_of(Path(path)), limits=limits)


def parse_proposal(data: bytes | str, *, source: str = "<text>", format: Format | None = None, limits: Limits = Limits()) -> Proposal:  # noqa: A002 (the field's name)
    """Make a proposal of its bytes or text.

    Args:
        data: bytes in UTF-8, or text; the hash is that of the bytes.
        source: where it came from, for people.
        format: how to parse it; found out from the text if not given.
        limits: what it may be.

    Raises:
        ProposalError: it is empty, binary, not UTF-8, too large, or has no prose.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    text = _decode(raw, source, limits)
    words = len(text.split())
    if words > limits.max_words:
        raise _too_large(f"{words:,} words", f"{limits.max_words:,}", source)
    chosen = format or sniff(text)
    lines = text.count("\n") + (not text.endswith("\n"))
    if chosen == "rst" and lines > limits.max_rst_lines:
        raise _too_large(f"{lines:,} lines of reStructuredText", f"{limits.max_rst_lines:,}", source)
    drafts = _blocks(text, chosen, source)
    found = outline(drafts, lines)
    if sum(section.words for section in found.sections) < limits.min_words:
        raise ProposalError("has no prose to review", where=source, hint="only headings, pictures, comments or template text were found")
    return _proposal(raw, text, source, chosen, drafts, found)


def _proposal(raw: bytes, text: str, source: str, chosen: Format, drafts: Sequence[Draft], found: Outline) -> Proposal:
    return Proposal(
        source=source,
        format=chosen,
        sha256=hashlib.sha256(raw).hexdigest(),
        text=text,
        lines=tuple(text.split("\n")),
        sections=found.sections,
        blocks=found.blocks,
        sentences=found.sentences,
        hidden=find_hidden(text, found.blocks),
        english=english_share(draft.read for draft in drafts if draft.kind in PROSE),
    )


def _blocks(text: str, chosen: Format, source: str) -> list[Draft]:
    """The blocks of a text, each with what it is for a reader."""
    if chosen == "markdown":
        parsed = markdown_blocks(text)
    else:
        from council.proposal.rst import rst_blocks  # docutils costs 30 ms to import, and Markdown does not need it

        try:
            parsed = rst_blocks(text)
        except RecursionError:
            raise ProposalError("is nested too deeply", where=source, hint="flatten its lists and quotations") from None
    drafts = list(with_bold_headings(parsed))
    mark_references(drafts)
    mark_template(drafts)
    return drafts


def _read_file(path: Path, name: str, limits: Limits) -> bytes:
    """The bytes of a regular file, or as many as show that it is too large."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ProposalError("is a directory, not a proposal", where=name, hint="name a Markdown or reStructuredText file in it")
        if not stat.S_ISREG(status.st_mode):
            raise ProposalError("is not a regular file", where=name, hint="pass its content on standard input, with - as the path")
        if status.st_size > limits.max_bytes:
            raise _too_large(f"{status.st_size:,} bytes", f"{limits.max_bytes:,}", name)
        with path.open("rb") as file:
            return file.read(limits.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a path with a NUL character
        raise MissingInputError("no such file", where=name, hint="check the path, or use - for standard input") from None
    except OSError as error:
        raise ProposalError(f"cannot be read: {error.strerror or error}", where=name, hint="check its permissions") from error


def _too_large(size: str, limit: str, source: str) -> ProposalError:
    return ProposalError(
        f"has {size}, the limit is {limit}",
        where=source,
        hint="split the proposal, or raise the limit (--max-words, --max-bytes; [limits] in council.toml)",
    )


def _decode(raw: bytes, source: str, limits: Limits) -> str:
    """The text with LF line ends and without BOM."""
    if len(raw) > limits.max_bytes:
        raise _too_large("too many bytes", f"{limits.max_bytes:,}", source)
    if not raw.strip():
        raise ProposalError("is empty", where=source, hint="there is nothing to review")
    if raw.startswith(_UTF16):
        raise ProposalError("is not UTF-8 but UTF-16", where=source, hint="convert it: iconv -f UTF-16 -t UTF-8")
    if (nul := raw.find(b"\0")) >= 0:
        raise ProposalError(f"is binary: NUL at byte {nul}", where=source, hint="a proposal is a text in Markdown or reStructuredText")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"is not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}"
        raise ProposalError(what, where=f"{source}:{line}", hint="convert it, for example: iconv -f WINDOWS-1252 -t UTF-8") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ProposalError("is empty", where=source, hint="there is nothing to review")
    return text


def _format_of(path: Path) -> Format | None:
    suffix = path.suffix.lower()
    if suffix in _RST_SUFFIXES:
        return "rst"
    return None if suffix in (".txt", "") else "markdown"


def _printable(path: str) -> str:
    """A path on one line, without control characters."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)
