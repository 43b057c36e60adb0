"""Help with the options of a long command under headings."""

from typing import Any

import click


class SectionedOption(click.Option):
    """An option that ``--help`` and the reference show under the heading ``section``."""

    def __init__(self, *args: Any, section: str = "Options", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.section = section


class SectionedCommand(click.Command):
    """A command whose help shows its options by section, in the order they were declared."""

    def sections(self, ctx: click.Context) -> dict[str, list[click.Parameter]]:
        """The parameters by heading; what has none comes last."""
        found: dict[str, list[click.Parameter]] = {}
        last: list[click.Parameter] = []
        for parameter in self.get_params(ctx):
            section = getattr(parameter, "section", None)
            (last if section is None else found.setdefault(section, [])).append(parameter)
        return {**found, "Other": last}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section's definition list."""
        for heading, parameters in self.sections(ctx).items():
            options = [parameter for parameter in parameters if not isinstance(parameter, click.Argument)]
            records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)
