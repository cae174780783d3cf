"""From the bot to people: the packet, the order of the queue, and who could take whom. Pure."""
