"""The real programs under real faults (issue 4, done when 2): processes, PostgreSQL, encrypted files.

Every file here drives the commands of CONTRACT.md as they are; a fault comes from the outside, by ``strace`` at a
system call, by ``kill -9``, by bytes changed on the disk or by a clock that is wrong. What must hold after each is
what the user was told: a printed result is in the store, whole, its number is nobody else's, everything verifies,
and a run that failed said so in one Chinese sentence that is true.

=====================  =========================================================================
``warm``, ``traced``   forks real runs from a process that is loaded, and traces them
``inspection``         opens a home after a fault, looks at everything, takes the next case in
``sweep``              a fault at each call of an intake, judged
=====================  =========================================================================

The suite runs a short seeded slice of each; ``bash installer/test.sh -m slow -s tests/faults`` runs every point and
prints the counts of the table in CONTRIBUTING.md.
"""
