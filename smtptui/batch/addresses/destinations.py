"""Whom a message goes to in the end: the provider behind a domain, where several domains have the same one."""

import tomllib
from functools import cache
from importlib.resources import files


def destination_of(domain: str) -> str:
    """The provider that takes the mail of ``domain`` (lower case, A-labels), else the domain itself."""
    return _providers().get(domain, domain)


@cache
def _providers() -> dict[str, str]:
    text = files("smtptui.batch.addresses").joinpath("destinations.toml").read_text(encoding="utf-8")
    providers: dict[str, str] = tomllib.loads(text)
    return {domain: provider for provider, domains in providers.items() for domain in domains.split()}
