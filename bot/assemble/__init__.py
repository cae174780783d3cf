"""The one place that joins the real parts, a file for each step. Every part can be given instead.

    shop, encoders -> trained -> brain -> answering_beside -> node
    places -> outside (database, bus, channels) -------------> node

Heavy libraries are imported inside the functions that need them, so that the shell answers
`--help` at once and a serving process loads only what its settings ask for.
"""
