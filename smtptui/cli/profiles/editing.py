"""``smtptui profiles edit``: single fields by options, or the file in an editor."""

from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.options import typed
from smtptui.cli.profiles.field_options import JSON, field_options, profile_option, read_fields, unset
from smtptui.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from smtptui.profiles import Profile


@click.command(cls=SectionedCommand)
@click.argument("name")
@profile_option(
    "--unset", "unset_", metavar="FIELD", multiple=True, help="Take a field out, as in limits.per_day; repeatable."
)
@profile_option("--rename", metavar="NAME", help="Give the profile another name.")
@field_options
@JSON
@click.pass_context
def edit(ctx: click.Context, /, name: str, unset_: tuple[str, ...], rename: str | None, as_json: bool, **_: Any) -> int:
    """Change fields of a profile, and nothing else in the file.

    Without an option the file is opened in $VISUAL or $EDITOR where the profile begins, and looked at afterwards.
    """
    given = read_fields(ctx)
    asked = [parameter.name for parameter in ctx.command.params if parameter.name not in ("name", "as_json", None)]
    if not any(typed(ctx, each) for each in asked if each is not None):
        from smtptui.cli.profiles.by_hand import edit_by_hand

        return edit_by_hand(name, as_json=as_json)
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.profiles.choosing import checked
    from smtptui.cli.profiles.filing import filing_troubles, named_profile, opened_store, report
    from smtptui.profiles import as_data, fields_of

    store = opened_store()
    profile = named_profile(store, name)
    fields: dict[str, Any] = as_data(fields_of(profile))
    limits = {**(fields.get("limits") or {}), **(given.pop("limits", None) or {})}
    fields = unset({**fields, **given, "limits": limits}, unset_)
    wanted = checked(
        name if rename is None else rename, {key: value for key, value in fields.items() if value is not None}
    )
    with filing_troubles():
        result = store.replace(name, wanted)
    done = "changed" if wanted != profile else "unchanged"
    return report(store, wanted.name, done, result, as_json=as_json, hint=_hint(profile, wanted))


def _hint(before: "Profile", after: "Profile") -> str:
    from smtptui.profiles import SecretOrigin, service_of

    if after.secret_origin is not SecretOrigin.KEYRING:
        return ""
    same = before.user == after.user and service_of(before) == service_of(after)
    if same and before.secret_origin is SecretOrigin.KEYRING:
        return ""
    return f"Next: `smtptui profiles password {after.name}` keeps its secret, which goes by server and user."
