"""From predictions to a verdict: scores, intervals, the word."""
