class ScriptError(ValueError):
    """Something about a script that a person can put right."""


class DefinitionError(ScriptError):
    """Not a script; `path` says where, as "steps[2].answer"."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}" if path else sentence)
        self.path = path
        self.sentence = sentence


class AnswerInvalid(ScriptError):
    """What was answered is not of the kind that the step asks for; a sentence for the agent."""
