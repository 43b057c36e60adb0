"""``smtptui profiles remove``: takes a profile out of the file."""

import click


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def remove(name: str, as_json: bool) -> int:
    """Remove a profile with its lines. Nothing is asked; comments above and below it stay.

    What the keyring has for it is left there: `smtptui profiles password NAME --forget` takes it out before.
    """
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.profiles.filing import filing_troubles, named_profile, opened_store, report

    store = opened_store()
    hint = ""
    if name not in store.names:
        named_profile(store, name)
    with filing_troubles():
        profile = next((known for known in store.readable if known.name == name), None)
        result = store.remove(name)
    if profile is not None:
        from smtptui.profiles import SecretOrigin, service_of

        if profile.secret_origin is SecretOrigin.KEYRING:
            hint = f"The keyring may still have its secret, as “{service_of(profile)}” of {profile.user}."
    return report(store, name, "removed", result, as_json=as_json, hint=hint)
