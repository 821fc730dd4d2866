"""The ``consentry`` command: finds subcommands by name and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, cast

import click

from consentry import __version__
from consentry.platform.errors import ConsentryError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["consentry", "main"]

INTERRUPTED = 130  # 128 + SIGINT, as shells report it

# The summary stands here and not only in the command, so that --help need not import every command with its models.
SUMMARIES = {
    "attribution": "Judge whose client a buyer is, by rules that anybody can run again.",
    "backup": "Write the records, the settings and the encrypted templates of a site to the new file OUT.",
    "config": "Check, show, compare and apply the settings of a site.",
    "count": "Count people who cross lines or stay in zones of a video or camera.",
    "demo": "Watch people being counted in a rendered clip whose true counts are known.",
    "door": "Decide at doors, online or cut off, from a snapshot that the server signed.",
    "evaluate": "Measure counting, tracking and the detection of faces against data with known truth.",
    "init": "Found a site in FOLDER: a commented site.toml, with keys and data folders beside it.",
    "keys": "Make, renew and check the root keys of a site.",
    "ledger": "Audit the log, hand out proofs of it, verify proofs offline, be a witness.",
    "migrate": "Bring the tables of a site to the version that this release works with. All of it happens, or nothing.",
    "models": "List, fetch, import and check the models.",
    "redact": "Write a copy of the picture or video IN to OUT in which every face is painted over.",
    "recognition": "Sign the thresholds that the recognition of those who agreed works with.",
    "restore": "Put the backup ARCHIVE in the place of a site's records. Stop the site first.",
    "serve": "Run a site until it is told to stop: its cameras, its records, its pages.",
    "staff": "Invite, list, recover and disable the accounts of staff.",
}


def load_command(name: str) -> click.Command:
    """Import the command ``name`` from the module of ``consentry.cli`` that has its name."""
    return cast("click.Command", getattr(import_module(f"consentry.cli.{name}"), name))


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command, or return None where there is none of that name."""
        return load_command(cmd_name) if cmd_name in SUMMARIES else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="consentry")
def consentry() -> None:
    """Count everyone in video, know only those who agreed.

    Everything runs on this machine. Counting looks for no face, keeps no picture, and cannot follow a person from one camera
    to another. Faces are used at stations that a person activates, for purposes that they agreed to.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done. 2: what was given cannot be used, or click refused the usage. 130: interrupted. 1: anything else. An error
    meant for the reader is one line on stderr, ``error: <message> [code]``; stdout then holds nothing, also with
    ``--json``. An error nobody foresaw keeps its traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal cannot show is written with escapes; it must not end a count.
            stream.reconfigure(errors="backslashreplace")
    try:
        result = consentry.main(arguments, prog_name="consentry", standalone_mode=False)
        sys.stdout.flush()
    except ConsentryError as error:
        click.echo(f"error: {' '.join(str(error).split())} [{error.code}]", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return 1
    return result if isinstance(result, int) else 0


def _discard_stdout() -> None:
    """Point stdout at nothing, or the interpreter would complain when it flushes the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
