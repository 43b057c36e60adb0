"""What a user can do with a batch: plain data in and out, for the command line and the app alike."""
