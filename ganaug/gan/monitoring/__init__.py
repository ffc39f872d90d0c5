"""Monitoring of a training: quality, diagnosis, alarms, snapshots."""
