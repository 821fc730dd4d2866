"""Pure decisions at a door: schedules, passback, lock-out, the contact, and whether somebody is let in."""
