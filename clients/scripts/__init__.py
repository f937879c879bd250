"""Scripts as graphs of steps: what is said and asked, where an answer leads, how it ends. Pure; no model is imported.

`definition` holds a script as strict data, `values` reads answers, `engine` walks, `checking` finds what is wrong,
`files` makes a file of it, `actions` is where other layers register what a step can do.
"""

from clients.scripts.actions import ScriptAction, action_named, all_actions, register_action
from clients.scripts.checking import Problem, check
from clients.scripts.definition import (
    Act,
    AnswerType,
    Ask,
    Branch,
    Case,
    Choice,
    Comparison,
    Condition,
    Say,
    ScriptDefinition,
    StepKind,
    Subject,
    in_language,
)
from clients.scripts.engine import Facts, Run, next_step, run_script
from clients.scripts.errors import AnswerInvalid, DefinitionError
from clients.scripts.files import export_script, import_script
from clients.scripts.values import read_answer, show_answer

__all__ = [
    "Act",
    "AnswerInvalid",
    "AnswerType",
    "Ask",
    "Branch",
    "Case",
    "Choice",
    "Comparison",
    "Condition",
    "DefinitionError",
    "Facts",
    "Problem",
    "Run",
    "Say",
    "ScriptAction",
    "ScriptDefinition",
    "StepKind",
    "Subject",
    "action_named",
    "all_actions",
    "check",
    "export_script",
    "import_script",
    "in_language",
    "next_step",
    "read_answer",
    "register_action",
    "run_script",
    "show_answer",
]
