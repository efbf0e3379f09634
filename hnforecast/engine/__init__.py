"""From assumptions to a forecast: drivers, the model, every draw of it, and the checks that must hold."""
