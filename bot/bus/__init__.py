"""Wake-ups between connections and between nodes. They carry no truth: the transcripts do."""
