"""What the shop knows: entries, how they are read from files, searched and published."""
