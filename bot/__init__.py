"""The running assistant: server, conversation, answering, actions, transcripts."""
