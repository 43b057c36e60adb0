"""The commands that send to a list: each verb in a module of its own, what they share in modules named after it."""
