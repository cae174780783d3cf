"""Reads questions and answers from files that anybody may have made."""
