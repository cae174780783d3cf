"""The steps from an empty database, or any released one, to the tables of today."""
