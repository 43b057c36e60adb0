"""The Session screen: a message from the form to the last reply."""
