"""How well a translator learns: figures, alarms and sample grids."""
