"""Coverage-guided fuzzing of every decoder that reads what somebody else wrote.

``python -m fuzz TARGET [-runs=N] [CORPUS]`` from ``tests/`` runs one with atheris; without it, only the seeds and
their mutants are tried, which the ordinary tests do for all of them.
"""
