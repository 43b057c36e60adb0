"""The steps of the dialogue, each a coroutine over a conversation, each in its file."""
