"""``smtptui profiles password``: keeps the secret of a profile in the keyring, or forgets it."""

import click

from smtptui.cli.errors import usage


# What is too much is not repeated, as click would: it may be the password.
@click.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@click.argument("name")
@click.option("--forget", is_flag=True, help="Remove what is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def password(ctx: click.Context, /, name: str, forget: bool, as_json: bool) -> int:
    """Keep the password of a profile in the keyring, or its access token.

    It is asked for on the terminal. Where standard input is no terminal, its first line is the password; an
    argument never is, since everybody on the machine can read those. One kept before is replaced.
    """
    if ctx.args:
        raise usage(
            "There is more here than a name and --forget or --json. A password is never an argument: others on this "
            "machine can read those, and your shell remembers them. It is asked for, or read from standard input."
        )
    # Only now: keyring and model take longer to load than --help may take.
    from smtptui.cli.profiles.keeping import forget_secret, keep_secret

    return forget_secret(name, as_json=as_json) if forget else keep_secret(name, as_json=as_json)
