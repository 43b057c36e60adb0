"""Addresses of a list: valid or not, seen before, an office's, mistyped; the provider behind them, and its DNS."""

from smtptui.batch.addresses.checking import AddressRules, check_rows, kind_of_reason
from smtptui.batch.addresses.destinations import destination_of
from smtptui.batch.addresses.exchangers import check_exchangers
from smtptui.batch.addresses.validity import Address, Addresses

__all__ = [
    "Address",
    "AddressRules",
    "Addresses",
    "check_exchangers",
    "check_rows",
    "destination_of",
    "kind_of_reason",
]
