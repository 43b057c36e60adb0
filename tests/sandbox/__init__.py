"""Tests of the embedded SMTP server."""
