"""Seats: agent and persona files, and the roster they make."""

from council.seats.check import check_paths
from council.seats.files import SeatFile, load_agent, load_persona, load_seat_file
from council.seats.model import (
    Agent,
    Applicability,
    Authority,
    Bearing,
    EvidenceRules,
    Flag,
    FlagRules,
    Group,
    Lesson,
    Pattern,
    Persona,
    Question,
    Relation,
    Roster,
    Seat,
    Style,
    Task,
    Thresholds,
)
from council.seats.problems import Problem
from council.seats.roster import build_roster
from council.seats.sources import Sources

__all__ = [
    "Agent",
    "Applicability",
    "Authority",
    "Bearing",
    "EvidenceRules",
    "Flag",
    "FlagRules",
    "Group",
    "Lesson",
    "Pattern",
    "Persona",
    "Problem",
    "Question",
    "Relation",
    "Roster",
    "Seat",
    "SeatFile",
    "Sources",
    "Style",
    "Task",
    "Thresholds",
    "build_roster",
    "check_paths",
    "load_agent",
    "load_persona",
    "load_seat_file",
]
