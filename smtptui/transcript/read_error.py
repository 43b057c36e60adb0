"""The error for a file that holds no transcript."""


class ReadError(ValueError):
    """What is wrong with a file, in a sentence; of its content with the number of the line."""
