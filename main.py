"""The command line of Dramatis: read the flags, read the settings, run the mode, return its exit code.

Everything beyond the flags is imported when it is known to be needed: `--help` answers at once. The flags stand in
cli/flags.py, the modes in commands.py.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cli.conflicts import mode_of
from cli.flags import command_line

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = command_line()
    flags = parser.parse_args(arguments)
    mode = mode_of(flags, parser)

    from config import read_settings, spoken_language
    from errors import DramatisError, Interrupted
    from progress.progress import told
    from progress.translate import speak

    try:
        speak(spoken_language())
        settings = read_settings(vars(flags))
        from cli import commands

        return commands.start(mode, flags, settings)
    except KeyboardInterrupt:
        return Interrupted.exit_code
    except DramatisError as error:
        print(f"{parser.prog}: {told(error)}", file=sys.stderr)  # noqa: T201 - the last word to the user
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1


if __name__ == "__main__":
    sys.exit(main())
