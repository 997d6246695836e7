from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from council.errors import MissingInputError, RosterError, SeatFileError
from council.seats import Roster, Sources, build_roster
from council.seats.roster import OUR_ORDER

Write = Callable[..., Path]


def build(**options: object) -> Roster:
    """A roster without what other installed packages offer."""
    return build_roster(entry_points=False, **options)  # type: ignore[arg-type]  # passed on as they are


def test_ours_are_six_in_our_order_each_with_its_own_persona() -> None:
    roster = build()
    assert roster.names == OUR_ORDER == ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
    assert [seat.persona.name for seat in roster.seats] == list(OUR_ORDER)
    assert {half.origin for seat in roster.seats for half in (seat.agent, seat.persona)} == {"package"}


def test_the_tracer_alone_holds_the_authorities() -> None:
    roster = build()
    assert roster.holder("enforce-observability") == roster.holder("break-readiness-ties") == "tracer"


def test_a_flag_replaces_by_name_in_place_and_new_seats_follow_by_name(agent: Write, persona: Write, tmp_path: Path) -> None:
    agent("seats", "operator", seats="zoe", head="domain: other")
    for name in ("zoe", "adam"):
        agent("seats", name)
        persona("people", name)
    roster = build(agents_dirs=[tmp_path / "seats"], personas_dirs=[tmp_path / "people"])
    assert roster.names == ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel", "adam", "zoe")
    operator = roster.seat("operator")
    assert (operator.agent.domain, operator.persona.name) == ("other", "zoe")
    assert operator.agent.origin == f"--agents {tmp_path / 'seats'}"
    assert operator.persona.origin == f"--personas {tmp_path / 'people'}"


def test_a_flag_comes_before_the_configuration_and_that_before_the_package(persona: Write, tmp_path: Path) -> None:
    for directory in ("config", "flag"):
        persona(directory, "sentinel")
    persona("config", "operator")
    roster = build(config=Sources(personas=(tmp_path / "config",)), personas_dirs=[tmp_path / "flag"])
    origins = {seat.name: seat.persona.origin for seat in roster.seats}
    assert origins["sentinel"] == f"--personas {tmp_path / 'flag'}"
    assert origins["operator"] == f"configuration {tmp_path / 'config'}"
    assert origins["architect"] == "package"


def test_a_persona_is_seated_without_touching_the_chair(persona: Write) -> None:
    roster = build(personas_dirs=[persona("p", "acme")], seat={"operator": "acme"})
    seat = roster.seat("operator")
    assert seat.persona.name == "acme"
    assert seat.agent == build().seat("operator").agent


def test_a_seating_by_flag_comes_before_one_of_the_configuration(persona: Write) -> None:
    paths = [persona("p", "acme"), persona("p", "other")]
    config = Sources(seat={"operator": "other", "sentinel": "other"})
    roster = build(personas_dirs=paths, config=config, seat={"operator": "acme"})
    assert (roster.seat("operator").persona.name, roster.seat("sentinel").persona.name) == ("acme", "other")


def test_names_pick_seats_in_their_order_and_the_flag_wins() -> None:
    config = Sources(names=("sentinel", "tracer", "operator"))
    assert build(config=config).names == ("sentinel", "tracer", "operator")
    assert build(config=config, names=["operator", "architect", "tracer"]).names == ("operator", "architect", "tracer")


def test_a_single_file_of_our_name_takes_the_chair_with_domain_and_authority(single: Write) -> None:
    roster = build(agents_dirs=[single("s", "tracer")])
    seat = roster.seat("tracer")
    assert roster.names == OUR_ORDER
    assert (seat.agent.domain, set(seat.agent.authority)) == ("observability", {"enforce-observability", "break-readiness-ties"})
    assert seat.agent.genie == {"executor": ["CODEX"]}
    assert [set(question.bears_on) for question in seat.persona.questions] == [{"observability", "production_ready"}]


def test_a_single_file_of_another_name_has_neither(single: Write) -> None:
    roster = build(agents_dirs=[single("s", "gardener")])
    seat = roster.seat("gardener")
    assert (seat.agent.domain, seat.agent.authority) == ("", ())
    assert [question.bears_on for question in seat.persona.questions] == [()]
    assert roster.holder("enforce-observability") == "tracer"


def test_an_agent_file_of_our_name_has_only_the_authority_it_names(agent: Write) -> None:
    roster = build(agents_dirs=[agent("s", "tracer")])
    assert roster.holder("enforce-observability") is None


def test_the_chair_stays_taken_where_a_later_persona_replaces_that_of_the_single_file(single: Write, persona: Write) -> None:
    roster = build(
        config=Sources(agents=(single("s", "tracer"),)), personas_dirs=[persona("p", "tracer", "observability, production_ready")]
    )
    assert roster.holder("enforce-observability") == "tracer"
    assert roster.seat("tracer").persona.origin.startswith("--personas")


@pytest.mark.parametrize(("bears_on", "missing"), [("", "observability and production_ready"), ("observability", "production_ready")])
def test_a_persona_seated_where_its_questions_do_not_bear_is_refused(persona: Write, bears_on: str, missing: str) -> None:
    with pytest.raises(RosterError, match=f"no question of the persona 'acme' bears on {missing}, which the seat 'tracer' decides"):
        build(personas_dirs=[persona("p", "acme", bears_on)], seat={"tracer": "acme"})


def test_a_persona_whose_questions_bear_on_it_is_seated(persona: Write) -> None:
    roster = build(personas_dirs=[persona("p", "acme", "observability, production_ready")], seat={"tracer": "acme"})
    assert roster.seat("tracer").persona.name == "acme"


def test_a_single_files_persona_seated_in_another_chair_is_refused_like_any(single: Write) -> None:
    with pytest.raises(RosterError, match="no question of the persona 'gardener' bears on"):
        build(agents_dirs=[single("s", "gardener")], seat={"tracer": "gardener"})


def test_a_single_file_without_questions_cannot_take_a_chair_that_decides(write: Write) -> None:
    with pytest.raises(RosterError, match="no question of the persona 'tracer' bears on"):
        build(agents_dirs=[write("tracer.md", "---\nname: tracer\ngenie: {}\n---\n")])


def test_a_name_twice_in_one_source_is_an_error_that_names_both_files(agent: Write, tmp_path: Path) -> None:
    agent("one", "acme")
    agent("two", "acme")
    with pytest.raises(RosterError) as caught:
        build(agents_dirs=[tmp_path / "one", tmp_path / "two"])
    assert str(tmp_path / "one" / "acme.md") in caught.value.what
    assert str(tmp_path / "two" / "acme.md") in caught.value.what


def test_a_persona_twice_in_one_source_is_an_error_too(single: Write, persona: Write) -> None:
    with pytest.raises(RosterError, match="persona 'acme' is given twice"):
        build(agents_dirs=[single("s", "acme")], personas_dirs=[persona("p", "acme")])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seat": {"oprator": "tracer"}}, "unknown seat 'oprator' (did you mean operator?)"),
        ({"seat": {"operator": "sentinle"}}, "unknown persona 'sentinle' for the seat 'operator' (did you mean sentinel?)"),
        ({"names": ["tracer", "operator", "arkitect"]}, "unknown seat 'arkitect' (did you mean architect?)"),
        ({"names": ["tracer", "operator"]}, "a council has 3 to 20 seats, and this one 2 (seats: tracer, operator)"),
        ({"names": []}, "a council has 3 to 20 seats, and this one 0 (seats: none)"),
        ({"names": ["tracer", "operator", "tracer"]}, "a seat is named twice: tracer, operator, tracer (name each once)"),
    ],
)
def test_seats_that_do_not_fit_together_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(RosterError) as caught:
        build(**options)
    assert str(caught.value) == words


def test_more_than_twenty_seats_are_refused(agent: Write, tmp_path: Path) -> None:
    for number in range(15):
        agent("s", f"seat-{number}", seats="sentinel")
    with pytest.raises(RosterError, match="3 to 20 seats, and this one 21"):
        build(agents_dirs=[tmp_path / "s"])


def test_an_unknown_persona_of_an_agent_is_named_with_the_agents_file(agent: Write) -> None:
    path = agent("s", "acme", seats="tracr")
    with pytest.raises(RosterError) as caught:
        build(agents_dirs=[path])
    assert caught.value.where == str(path)
    assert "did you mean tracer" in caught.value.hint


def test_an_authority_held_twice_is_an_error_that_names_both(agent: Write) -> None:
    path = agent("s", "acme", seats="tracer", head="authority: [enforce-observability]")
    with pytest.raises(RosterError, match=r"enforce-observability is held by tracer .* and acme"):
        build(agents_dirs=[path])
    without_ours = [name for name in (*OUR_ORDER, "acme") if name != "tracer"]
    assert build(agents_dirs=[path], names=without_ours).holder("enforce-observability") == "acme"


def test_a_directory_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="none"):
        build(agents_dirs=[tmp_path / "none"])


def test_a_path_that_the_system_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="cannot be read: "):
        build(agents_dirs=[tmp_path / ("a" * 300)])


def test_a_directory_without_seat_files_is_refused_and_a_readme_is_none(write: Write, tmp_path: Path) -> None:
    write("s/README.md", "# Ours\n")
    write("s/.draft.md", "# Not yet\n")
    with pytest.raises(RosterError, match=r"without \*\.md files"):
        build(agents_dirs=[tmp_path / "s"])


def test_an_agent_file_among_personas_is_refused(agent: Write) -> None:
    with pytest.raises(RosterError, match="an agent file among personas"):
        build(personas_dirs=[agent("s", "acme")])


def test_a_broken_file_is_named_with_its_line(write: Write, tmp_path: Path) -> None:
    write("s/acme.md", "---\nname: acme\nnmae: x\n---\n")
    with pytest.raises(SeatFileError, match=r"acme\.md:3: unknown key 'nmae'; did you mean name"):
        build(agents_dirs=[tmp_path / "s"])
