"""What a replay says when something changed: on standard error, and which part it is. The answers are synthetic."""

from __future__ import annotations

from pathlib import Path

import pytest

from council.recording import load_recording, record_again
from council.recording.difference import short_difference
from tests.cli.conftest import Council
from tests.loopback import behaviour as do
from tests.loopback.server import Loopback

PERSONAS = Path(__file__).parents[2] / "personas"
OWNER = "- [ ] Who owns it and is on call for it? {#ownership}"
WOKEN = "- [ ] Who is woken at night? {#woken}\n\n  ```evidence\n  phrases: [woken]\n  ask: Say who.\n  where: Operation\n  ```\n"


@pytest.fixture
def persona(project: Path) -> Path:
    """The operator's file in the project, with a question more at the beginning and one less in the middle."""
    text = (PERSONAS / "operator.md").read_text(encoding="utf-8")
    assert OWNER in text
    start, end = text.index("- [ ] Are there dashboards"), text.index("- [ ] How does an operator see")
    text = (text[:start] + text[end:]).replace(OWNER, WOKEN + OWNER)
    file = project / "seats" / "operator.md"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return file


def test_a_number_that_moved_is_no_difference() -> None:
    was = "Questions:\nq1 Who owns it?\nq2 Is it tested?\nq3 Can it be undone?"
    now = "Questions:\nq1 Who is woken?\nq2 Who owns it?\nq3 Is it tested at all?\nq4 Can it be undone?"
    assert short_difference(was, now) == ["+q1 Who is woken?", "-q2 Is it tested?", "+q3 Is it tested at all?"]


def test_where_a_number_is_all_that_changed_it_is_shown() -> None:
    assert short_difference("q1 Who owns it?", "q2 Who owns it?") == ["-q1 Who owns it?", "+q2 Who owns it?"]


def test_a_cut_leaves_every_place_its_removed_and_added_lines() -> None:
    was = "\n".join([*(f"old {n}" for n in range(40)), "same", "was", "end"])
    now = "\n".join([*(f"new {n}" for n in range(30)), "same", "is", "end"])
    lines = short_difference(was, now)
    assert lines == [
        *(f"-old {n}" for n in range(4)),
        *(f"+new {n}" for n in range(4)),
        "-was",
        "+is",
        "… and 36 more removed, 26 more added",
    ]


def test_of_a_long_line_the_place_that_changed_is_shown() -> None:
    before = "It is kept, as everything else is that anybody might still want to read in a year, " * 3
    lines = short_difference(f"7| {before}for 30 days.", f"8| {before}for 90 days.")
    assert [line[:4] for line in lines] == ["-7| ", "+8| "]
    assert [line[-8:] for line in lines] == ["30 days.", "90 days."]
    assert all(len(line) < 80 for line in lines)


def test_what_is_not_seen_is_said_and_never_printed() -> None:
    lines = short_difference("It is  kept.", "It is kept.\x1b[31m\u200b")
    assert lines[:2] == ["-It is kept.", "+It is kept."]
    assert "not seen" in lines[2]
    assert short_difference("a\n\nb", "a\nb") == ["-"]


def recorded(council: Council, server: Loopback, *options: str, provider: str = "openai:gpt-4o") -> None:
    base = server.base_url(provider.partition(":")[0])
    given = ("--model", provider, "--base-url", base, "--record", "rfc.yaml", "--exit-zero")
    result = council("review", "rfc.md", *given, *options)
    assert result.exit_code == 0, result.stderr


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")


EXPECTED = [
    "    +q1 Who is woken at night?",
    "    -q7 Are there dashboards or service level objectives?",
]


@pytest.mark.loopback
@pytest.mark.parametrize("provider", ["openai:gpt-4o", "anthropic:claude-haiku-4-5", "ollama:llama3.2"])
def test_a_changed_persona_is_shown_in_lines_of_its_own(provider: str, council: Council, loopback: Loopback, persona: Path) -> None:
    recorded(council, loopback, provider=provider)
    result = council("replay", "rfc.yaml", "--personas", "seats")
    assert result.exit_code == 4
    first, *lines = result.stderr.splitlines()
    assert first.startswith("council: rfc.yaml: changed since it was recorded: the persona of operator (record it again: council review")
    assert lines == ["  the persona of operator:", *EXPECTED]


@pytest.mark.loopback
def test_a_changed_proposal_and_a_changed_persona_are_both_told(council: Council, loopback: Loopback, persona: Path) -> None:
    recorded(council, loopback)
    text = Path("rfc.md").read_text(encoding="utf-8")
    Path("rfc.md").write_text(
        text.replace("30 days", "90\x1b[31m days").replace("## Summary\n", "## Summary\n\nA log.\n"), encoding="utf-8"
    )
    result = council("replay", "rfc.yaml", "--personas", "seats")
    assert result.exit_code == 4
    first, *lines = result.stderr.splitlines()
    assert "changed since it was recorded: the proposal rfc.md; the persona of operator (record it again" in first
    assert lines == [
        "  the proposal rfc.md:",
        "    +5| A log.",
        "    -6| being served. The log is kept for 30 days and can be searched by any of these fields.",
        "    +8| being served. The log is kept for 90 days and can be searched by any of these fields.",
        "  the persona of operator:",
        *EXPECTED,
    ]
    assert "\x1b" not in result.stderr


@pytest.mark.loopback
def test_a_folder_tells_in_a_line_what_changed(council: Council, loopback: Loopback, project: Path) -> None:
    recorded(council, loopback)
    folder = project / "cassettes"
    folder.mkdir()
    Path("rfc.yaml").rename(folder / "rfc.yaml")
    Path("rfc.md").write_text("# Another\n\nIt says something else altogether by now.\n", encoding="utf-8")
    result = council("replay", "cassettes")
    assert result.exit_code == 4
    assert "the proposal rfc.md" in " ".join(result.stdout.replace("│", " ").split())
    assert result.stderr.count("\n") == 1


@pytest.mark.loopback
def test_a_part_of_a_proposal_is_compared_with_that_part(council: Council, loopback: Loopback) -> None:
    recorded(council, loopback, "--sections", "Summary")
    text = Path("rfc.md").read_text(encoding="utf-8")
    Path("rfc.md").write_text(text.replace("The team on call", "Nobody"), encoding="utf-8")
    assert council("replay", "rfc.yaml").exit_code == 0
    Path("rfc.md").write_text(text.replace("30 days", "90 days"), encoding="utf-8")
    result = council("replay", "rfc.yaml")
    assert result.exit_code == 4
    assert "+6| being served. The log is kept for 90 days" in result.stderr
    assert "--sections Summary" in result.stderr


@pytest.mark.loopback
def test_a_dispute_that_follows_from_a_change_is_no_change_of_its_own(council: Council, loopback: Loopback, persona: Path) -> None:
    """The operator's vote is missing in the rebuttal, so that every seat is asked something else there."""

    def script(request: do.Request) -> do.Behaviour:
        return do.Behaviour(vote="APPROVE" if request.seat in ("tracer", "measurer", "operator") else "REJECT")

    loopback.script = script
    recorded(council, loopback, "--rebuttal")
    first, *lines = council("replay", "rfc.yaml", "--personas", "seats").stderr.splitlines()
    assert "changed since it was recorded: the persona of operator (" in first
    assert lines == ["  the persona of operator:", *EXPECTED]


COMMANDS: list[tuple[tuple[str, ...], tuple[str, ...], str]] = [
    (("--personas", "seats"), (), "--personas seats"),
    ((), ("--personas", "seats"), "--personas seats"),
    (("--personas", "seats"), ("--personas", "seats/../seats"), "--personas seats/../seats"),
    (("--agents", "more"), (), "--seat acme=acme --seats tracer,measurer,operator,architect,benchmarker,sentinel,acme --agents more"),
    (("--seat", "operator=architect"), (), "--seat operator=architect"),
    ((), ("--seat", "operator=architect"), "--seat operator=architect"),
    (("--seats", "sentinel,tracer,operator"), (), "--seats sentinel,tracer,operator"),
    ((), ("--seats", "operator,tracer,sentinel"), "--seats operator,tracer,sentinel"),
    (("--config", "other.toml"), (), "--config other.toml"),
    (("--no-project-config", "--redact", "--call-timeout", "7"), (), "--no-project-config --redact --call-timeout 7"),
    (("--sections", "Summary", "--sections", "Rollback", "--temperature", "0"), (), "--temperature 0"),
    (("--sections", "Rollback"), (), "--sections Rollback"),
]


@pytest.mark.loopback
@pytest.mark.parametrize(("recording", "replaying", "said"), COMMANDS)
def test_the_command_that_records_again_has_the_same_council(
    recording: tuple[str, ...], replaying: tuple[str, ...], said: str, council: Council, loopback: Loopback, persona: Path, project: Path
) -> None:
    (project / "other.toml").write_text('[policy]\nquorum_of_applicable = "1"\n', encoding="utf-8")
    (project / "more").mkdir()
    acme = (PERSONAS / "architect.md").read_text(encoding="utf-8").replace("name: architect", "name: acme")
    (project / "more" / "acme.md").write_text(acme, encoding="utf-8")
    recorded(council, loopback, *recording)
    text = Path("rfc.yaml").read_text(encoding="utf-8")
    Path("rfc.yaml").write_text(text.replace("\n  outcome: APPROVE", "\n  outcome: REJECT"), encoding="utf-8")
    result = council("replay", "rfc.yaml", *replaying)
    assert result.exit_code in (0, 4), result.stderr
    if "--seats" in replaying:  # fewer seats tally anew, and nothing is compared
        Path("rfc.md").write_text("# Another\n\nIt says something else altogether by now.\n", encoding="utf-8")
        result = council("replay", "rfc.yaml", *replaying)
    command = result.stderr.splitlines()[0].partition("record it again: ")[2].rstrip(")")
    assert said in command
    assert command.endswith("--record rfc.yaml")
    again = council(*command.split()[1:], "--exit-zero")
    assert again.exit_code == 0, again.stderr


@pytest.mark.loopback
def test_a_recording_without_options_loads(council: Council, loopback: Loopback) -> None:
    """As those do that were made before options were kept."""
    recorded(council, loopback)
    assert "\noptions:" not in Path("rfc.yaml").read_text(encoding="utf-8")
    recorded(council, loopback, "--call-timeout", "7")
    assert "\noptions:\n  call_timeout: 7.0\n" in Path("rfc.yaml").read_text(encoding="utf-8")


@pytest.mark.loopback
def test_recording_again_keeps_to_sections_keys_and_personas(council: Council, loopback: Loopback, persona: Path, project: Path) -> None:
    key = "sk-proj-Zk3vQ9xTb7LmN2wRy8HcJ5dPqA4sVeG6uKf"  # made up
    text = Path("rfc.md").read_text(encoding="utf-8")
    Path("rfc.md").write_text(text.replace("## Rollback", f"It is sent with the key {key}.\n\n## Rollback"), encoding="utf-8")
    recorded(council, loopback, "--redact", "--sections", "Summary", "--personas", "seats")
    old = load_recording(Path("rfc.yaml"))
    record_again(Path("rfc.yaml"), root=project)
    new = load_recording(Path("rfc.yaml"))
    assert new.model_copy(update={"recorded": old.recorded, "exchanges": old.exchanges}) == old
    assert [exchange.request for exchange in new.exchanges] == [exchange.request for exchange in old.exchanges]
    assert new.proposal.left_out == ("Rollback",)
    assert new.options.personas == ("seats",)
    assert "Who is woken at night?" in "".join(request.prompt for request in loopback.requests[6:])
    assert all(key not in request.prompt for request in loopback.requests)
