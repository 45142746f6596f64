"""What reading costs the host and the cell, each figure beside its floor from the same run: `make bench`."""
