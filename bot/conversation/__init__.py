"""The conversation core: pure rules of who may say what next. Imports nothing of ours."""
