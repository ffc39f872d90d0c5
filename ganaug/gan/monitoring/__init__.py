"""How a training goes: quality, diagnosis, alarms, snapshots."""
