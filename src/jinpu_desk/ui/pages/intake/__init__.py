"""收件: the intake page, one file for each of its parts."""
