"""The commands of the shell, one file a topic. Heavy libraries are imported inside them."""
