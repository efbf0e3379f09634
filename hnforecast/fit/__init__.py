"""From a council's published history to proposed rates. It proposes; it never changes a signed-off vintage."""
