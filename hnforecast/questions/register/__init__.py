"""The register of measures: what was promised, what is planned, what came."""
