"""``smtptui profiles add``: a new profile, from options, a preset, or another profile."""

from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.errors import usage
from smtptui.cli.options import typed
from smtptui.cli.profiles.field_options import JSON, field_options, profile_option, read_fields
from smtptui.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from smtptui.profiles import ProfileStore


@click.command(cls=SectionedCommand)
@click.argument("name")
@profile_option(
    "--preset", metavar="ID", help="Begin with what is known of a provider; see `smtptui profiles presets`."
)
@profile_option(
    "--with",
    "with_",
    metavar="NAME=VALUE",
    multiple=True,
    help="What the preset leaves open, as in region=eu-west-1; repeatable.",
)
@profile_option("--like", metavar="PROFILE", help="Begin with the fields of another profile.")
@field_options
@JSON
@click.pass_context
def add(
    ctx: click.Context,
    /,
    name: str,
    preset: str | None,
    with_: tuple[str, ...],
    like: str | None,
    as_json: bool,
    **_: Any,
) -> int:
    """Add a profile.

    Paths become absolute. The secret is never an option: `smtptui profiles password NAME` keeps it in the keyring.
    """
    given = read_fields(ctx)
    if preset is not None and like is not None:
        raise usage("--preset and --like: give one of them.")
    if with_ and preset is None:
        raise usage("--with belongs to --preset: it fills in what a preset leaves open.")
    if not (preset or like or typed(ctx, "server") or typed(ctx, "socket")):
        raise usage("Say where the server is: --server HOST[:PORT], --socket PATH, --preset ID or --like PROFILE.")
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.profiles.choosing import checked
    from smtptui.cli.profiles.filing import filing_troubles, opened_store, report

    store = opened_store()
    fields: dict[str, Any] = {}
    hint = ""
    if like is not None:
        fields = _like(store, like)
    if preset is not None:
        fields, hint = _preset(preset, given, dict(_pair(each) for each in with_))
    limits = {**(fields.get("limits") or {}), **(given.get("limits") or {})}
    merged = {**fields, **given} | ({"limits": limits} if limits else {})
    profile = checked(name, {field: value for field, value in merged.items() if value is not None})
    with filing_troubles():
        result = store.add(profile, after=like or "")
    return report(store, name, "added", result, as_json=as_json, hint=hint or _hint(profile.secret_origin.value, name))


def _like(store: "ProfileStore", like: str) -> dict[str, Any]:
    from smtptui.cli.profiles.filing import named_profile
    from smtptui.profiles import as_data, fields_of

    return as_data(fields_of(named_profile(store, like)))


def _preset(preset: str, given: dict[str, Any], parameters: dict[str, str]) -> tuple[dict[str, Any], str]:
    """The fields that a preset gives for an address, and what the provider wants."""
    from pydantic import ValidationError

    from smtptui.cli.profiles.presets import wanted_preset
    from smtptui.profiles import as_data, fields_of

    found = wanted_preset(preset)
    address, user = str(given.get("from") or given.get("user") or ""), str(given.get("user") or "")
    try:
        profile = found.profile(address=address if "@" in address else "", user=user, parameters=parameters)
    except ValidationError:
        # It is about the address; told with the other options.
        profile = found.profile(parameters=parameters)
    except ValueError as error:
        raise usage(f"--preset {preset}: {error} Give it by --with NAME=VALUE.") from error
    return as_data(fields_of(profile)), " ".join(found.advice)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise usage(f"--with {text!r}: write it as NAME=VALUE.")
    return name, value


def _hint(origin: str, name: str) -> str:
    return f"Next: `smtptui profiles password {name}` keeps its password." if origin == "keyring" else ""
