"""One message for each row of a list: a template file, compiled once, filled in many times."""
