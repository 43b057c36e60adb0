"""Importers: accounts of msmtp and calls of swaks become profiles; what does not fit is told, line by line."""

from smtptui.profiles.importers.formats import Format, guess_format, import_text
from smtptui.profiles.importers.imported import MOST_NAME, Imported, Left
from smtptui.profiles.importers.msmtp import import_msmtprc
from smtptui.profiles.importers.swaks import import_swaks

__all__ = ["MOST_NAME", "Format", "Imported", "Left", "guess_format", "import_msmtprc", "import_swaks", "import_text"]
