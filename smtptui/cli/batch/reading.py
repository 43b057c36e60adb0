"""What stands on the command line of ``batch new``, as choices for a new batch."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import click

from smtptui.batch import (
    BatchChoices,
    BatchSettings,
    CurrentRelay,
    ListChoices,
    MessageChoices,
    NewBatch,
    PaceChoices,
    Relay,
    WaveChoices,
    prepare_from_batch,
    prepare_new,
)
from smtptui.cli.batch.relay import chosen_relay, relay_now
from smtptui.cli.errors import usage
from smtptui.cli.message_options import read_notify
from smtptui.cli.options import typed
from smtptui.protocol import Ret
from smtptui.session import Pipelining


def read_new(ctx: click.Context) -> NewBatch:
    """The batch to be made of a list; raises :class:`CommandError` and :class:`BatchError`."""
    given = ctx.params
    if given["list_"] is None:
        raise usage(
            "Name the list: smtptui batch new LIST --template FILE; or --from-batch BATCH for who is left of one."
        )
    choices = _choices(ctx, given)
    choices.message.require_template()
    if given["states"]:
        raise usage("--state goes with --from-batch; a list has no states.")
    return prepare_new(choices, chosen_relay(ctx))


def read_again(ctx: click.Context, old: BatchSettings, documents: Mapping[str, bytes]) -> NewBatch:
    """The batch to be made of what another one has left; raises :class:`CommandError` and :class:`BatchError`.

    ``old`` and ``documents`` are the other one's.
    """
    given = ctx.params
    if given["list_"] is not None:
        raise usage("LIST and --from-batch: give one of them.")
    # An author from the environment is for new messages; these have one.
    given = {**given, "sender": given["sender"] if typed(ctx, "sender") else None}
    return prepare_from_batch(_choices(ctx, given), old, documents, lambda relay: _relay_again(ctx, relay))


def read_waves(given: Mapping[str, Any]) -> WaveChoices:
    """What the options of the waves say."""
    return WaveChoices(**_named(WaveChoices, given))


def _choices(ctx: click.Context, given: Mapping[str, Any]) -> BatchChoices:
    lists, message, pace = _named(ListChoices, given), _named(MessageChoices, given), _named(PaceChoices, given)
    return BatchChoices(
        list=ListChoices(**{**lists, "hidden": given["hidden"] if typed(ctx, "hidden") else None}),
        message=MessageChoices(
            **{
                **message,
                "notify": None if given["notify"] is None else read_notify(given["notify"]),
                "ret": Ret(given["ret"].upper()) if given["ret"] else None,
            }
        ),
        pace=PaceChoices(**pace, waves=read_waves(given)),
        pipelining=Pipelining(given["pipelining"]) if typed(ctx, "pipelining") else None,
        **{name: given[name] for name in ("keep_transcripts", "shard", "name", "not_in")},
    )


def _named(choices: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that have the names of these fields."""
    return {field.name: given[field.name] for field in fields(choices) if field.name in given}


def _relay_again(ctx: click.Context, old: Relay) -> CurrentRelay:
    """The relay that the connection options say; without them that of the other batch."""
    if any(typed(ctx, name) for name in ("profile", "server", "socket")):
        return chosen_relay(ctx)
    for parameter in ctx.command.params:
        if getattr(parameter, "section", "") == "Connection" and typed(ctx, parameter.name or ""):
            raise usage(f"{parameter.opts[0]}: say which server it is for, with --profile or --server.")
    return relay_now(old)
