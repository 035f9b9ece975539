"""Tables drafted from the text of a report, by its lines and nothing else."""
