"""The gate: nothing is published that has not passed through here."""
