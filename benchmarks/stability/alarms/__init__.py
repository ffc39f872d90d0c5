"""Whether training's alarms ring on planted faults, and only there."""
