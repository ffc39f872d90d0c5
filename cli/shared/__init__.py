"""What several verbs share: options, their completion, plans, verdicts, consoles."""
