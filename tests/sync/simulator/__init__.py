"""A whole office in one process: the production sync core with simulated time, network and disks, from one seed.

What runs for real: ``sync.session``, ``pull``, ``recovery``, ``supplies``, ``attachments``, ``incarnation``, ``wire``;
``server.events.receive``, ``judge``, ``feed``, ``leasing``, ``epochs``, ``incarnations``; the fold and the rules. What is
simulated: time (``schedule``), power and disks (``machine``), the network (``network``), the desk's tables (``book``,
``desk_store``), the centre's (``centre_store``), the clerks (``clerk``), and the loops of messenger and opening
(``desk``), which follow ``entry`` line by line. ``plan`` draws what a seed stands for, ``faults`` lets it happen,
``checks`` asks for the invariants of DESIGN §4 once the faults have stopped.

A seed tells the same history for ever. To see one, from the project's root::

    PYTHONPATH=src:tests .venv/bin/python -m sync.simulator 4711

prints its plan, its trace and what does not hold.
"""
