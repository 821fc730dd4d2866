"""Our side of each comparison; every module is a process of its own (see :mod:`bench.processes`)."""
