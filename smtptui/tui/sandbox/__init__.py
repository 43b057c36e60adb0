"""The Sandbox screen: what the embedded server caught."""
