"""What every room stands on: errors, the clock, the axes, the code lists, strict YAML and the record of a run."""
