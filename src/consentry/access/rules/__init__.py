"""Pure decisions at a door: schedules, passback, lock-out, the contact, and whether somebody is let in.

schedules    when a schedule holds, by the clock on the wall
compiling    a snapshot, everything by what it is asked for
state        what is remembered between two attempts
modes        fire, lockdown, free access, first card; readers out of order; one snapshot after another
rights       whether a credential is live, and whether its holder may pass
passback     where people are, and who may not enter again
lockout      five failures, then a wait that doubles
deciding     whether somebody is let in: all of the above in one order
contact      who went through, and what time alone brings
compare      who gains or loses which door by another policy
parity       whether whoever gives no face waits longer
pins         which numbers are too easy
"""
