"""From a turn to an answer; see `answerer`. Knows no socket, no clock and no store."""
