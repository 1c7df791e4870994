"""What the check catches and what it lets pass. `scripts/compatibility --test` runs all of it."""
