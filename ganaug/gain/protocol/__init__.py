"""What happens in one split: its jobs, choices and final fits."""
