"""What past years teach: rates fitted, the method tested on years it had not seen, a folder for a new council."""
