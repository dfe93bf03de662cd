"""Every flag of the command line.

Knows argparse; what goes with what stands in cli/conflicts.py. `--help` loads no more than this.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import values
from persona.schema.stage_table import NAMES, STAGES, TOGETHER

if TYPE_CHECKING:
    from collections.abc import Callable


def command_line() -> argparse.ArgumentParser:
    """The parser of all flags."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        usage="python main.py --generate-persona | --persona FILE | --batch-mode | --generate-images | --run-all ...",
        description="From one picture of a fictional character: a persona, a calendar, posts and pictures.",
        epilog="Try everything without a key, a network or a GPU: "
        "python main.py --run-all --images examples/portraits/*.png --tweets 10 --rehearse --out demo",
        allow_abbrev=False,
    )
    stages = (_add_persona_flags, _add_cast_flags, _add_post_flags, _add_picture_flags, _add_painter_flags)
    for add in (*stages, _add_gallery_flags, _add_model_flags, _add_output_flags):
        add(parser)
    return parser


def _add_persona_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("personas: a picture in, a persona out")
    group.add_argument("--generate-persona", action="store_true", help="make a persona from each picture")
    group.add_argument("--run-all", action="store_true", help="the whole chain: personas, posts and pictures")
    group.add_argument("--image", action="append", metavar="FILE", help="the picture of one character")
    group.add_argument("--images", nargs="+", metavar="FILE", help="pictures of many characters; patterns work")
    group.add_argument("--persona-output", metavar="FILE", help="where the one persona goes (default: personas/)")
    group.add_argument(
        "--language",
        type=_flag(values.language),
        metavar="CODE",
        help="of posts and cards, such as en, ja, zh-Hans (default: en)",
    )
    group.add_argument(
        "--eager",
        action="store_true",
        default=None,
        help=f"start stages {TOGETHER[0].number}-{TOGETHER[-1].number} right after stage 1",
    )
    group.add_argument(
        "--allow-photo", action="store_true", default=None, help="a portrait may be a photograph: the person agreed"
    )


def _add_cast_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the cast: wishes for all, and work on personas that are there")
    group.add_argument(
        "--brief",
        metavar="FILE",
        help="text or Markdown: a world, a tone, wishes for the whole cast (10,000 characters)",
    )
    group.add_argument("--location", metavar="TEXT", help='where new characters live, such as "Kyoto, Japan"')
    group.add_argument(
        "--redo",
        metavar="STAGES",
        help=f"with --persona or --personas: make stages again, by number or name ({', '.join(NAMES)}), and what rests "
        f"on them: {_resting()}; --image gives a picture that has moved",
    )
    group.add_argument(
        "--complete",
        action="store_true",
        help="with --persona or --personas: fill the stages that a card lacks, with --image or without a picture",
    )
    group.add_argument(
        "--know-each-other",
        action="store_true",
        help="with --generate-persona or --personas: members of the cast come into each other's network",
    )


def _resting() -> str:
    """What rests on which stage, by number: all on the first."""
    rests = {
        stage.number: sorted(other.number for other in STAGES if other.name in stage.dependants) for stage in STAGES
    }
    some = [f"{number} also {' and '.join(map(str, others))}" for number, others in rests.items() if others]
    return ", ".join(["1 all", *some[1:]])


def _add_post_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("posts: personas and calendars in, posts out")
    group.add_argument("--persona", metavar="FILE", help="write the posts of one persona")
    group.add_argument("--batch-mode", action="store_true", help="write the posts of many personas at once")
    group.add_argument("--personas", nargs="+", metavar="FILE", help="personas; patterns work")
    group.add_argument("--calendar", metavar="FILE", help="the calendar of the one persona")
    group.add_argument(
        "--calendars", nargs="+", metavar="FILE", help="calendars, paired by the persona they name or by file name"
    )
    group.add_argument(
        "--redo-post", metavar="IDS", help="with --tweets-batch: write posts again, by id such as 2026-12-01-1"
    )
    group.add_argument("--generate-calendar", action="store_true", help="let the model plan the days")
    group.add_argument(
        "--tweets",
        type=_flag(values.count),
        metavar="N",
        help="posts per persona (default: all of the calendar, else 10)",
    )
    group.add_argument(
        "--days", type=_flag(values.count), metavar="N", help="days that a new calendar spans (default: 15)"
    )
    group.add_argument(
        "--start-date", type=_flag(values.day), metavar="DATE", help="its first day, as 2026-12-01 (default: tomorrow)"
    )
    group.add_argument(
        "--posts-per-day",
        type=_flag(values.rate),
        metavar="N",
        help="on average, in place of --tweets or --days: the third of the three follows from two",
    )
    group.add_argument(
        "--quiet-hours",
        type=_flag(values.quiet_hours),
        metavar="FROM-TO",
        help="when nothing is planned, on the character's clock, as 23-7 or 22:30-06:00 (default: its own rhythm)",
    )
    group.add_argument("--seed", type=int, metavar="N", help="of everything that is drawn by lot (default: 0)")


def _add_picture_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("pictures: posts in, pictures out")
    group.add_argument("--generate-images", action="store_true", help="paint the picture of each post")
    group.add_argument("--tweets-batch", nargs="+", metavar="FILE", help="files of posts; patterns work")
    gpus = group.add_mutually_exclusive_group()
    gpus.add_argument("--num-gpus", type=_flag(values.count), metavar="N", help="how many GPUs to use (default: all)")
    gpus.add_argument("--single-gpu", action="store_true", help="use one GPU")
    group.add_argument(
        "--image-model", metavar="NAME", help="a painter's name, a hub id or a folder (default: z-image-turbo)"
    )
    shape = group.add_mutually_exclusive_group()
    shape.add_argument("--size", metavar="WxH", help="such as 1024x1024 (default: the painter's own)")
    shape.add_argument(
        "--aspect",
        type=_flag(values.aspect),
        metavar="W:H",
        help="such as 3:4, or square, portrait, landscape, wide, tall; at as many pixels",
    )
    group.add_argument("--ray", metavar="ADDRESS", help="paint on the GPUs of a Ray cluster: its head, auto, or local")
    group.add_argument(
        "--best-of",
        type=_flag(values.count),
        metavar="N",
        help="paint N attempts at each picture, let the vision model judge them, keep the best",
    )
    group.add_argument(
        "--min-score",
        type=_flag(values.score),
        metavar="S",
        help="with --best-of: below S of 10, up to N more",
    )
    group.add_argument("--image-format", metavar="FORM", help=f"{', '.join(values.PICTURE_FORMS)} (default: png)")
    group.add_argument(
        "--no-embed-prompt", action="store_true", help="leave prompt and settings out of the files; the AI marks stay"
    )
    group.add_argument(
        "--steps", type=_flag(values.count), metavar="N", help="denoising steps (default: the painter's own)"
    )
    group.add_argument(
        "--batch",
        type=_flag(values.ceiling),
        metavar="N",
        help="pictures in one call of the painter; 1 gives the same pixels on any number of GPUs (default: auto)",
    )
    group.add_argument(
        "--reference",
        choices=("auto", "off"),
        help="auto: show the portrait to the painter, flux2-klein-4b if none is named (default: where it takes one)",
    )


def _add_painter_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the painter works")
    group.add_argument(
        "--precision", choices=("bf16", "int8", "fp8"), help="of the weights (default: the painter's own)"
    )
    group.add_argument("--attention", metavar="NAME", help="a backend of diffusers, or auto (default: auto)")
    group.add_argument(
        "--compile", choices=("auto", "on", "off"), help="compile the painter (default: auto, where it pays)"
    )


def _add_gallery_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("looking at it")
    group.add_argument("--gallery", action="store_true", help="pages of everything that is there, in output_gallery/")
    group.add_argument(
        "--review", action="store_true", help="the same pages in your browser: keep, redo or drop what was made"
    )
    group.add_argument(
        "--port", type=_flag(values.port), metavar="N", help="of the review, on this machine alone (default: 8321)"
    )


def _add_model_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the language model")
    group.add_argument(
        "--api-base", metavar="URL", help="an OpenAI-compatible endpoint, such as http://localhost:11434/v1"
    )
    group.add_argument("--model", metavar="NAME", help="the language model")
    group.add_argument("--vision-model", metavar="NAME", help="the model that looks at portraits (default: --model)")
    group.add_argument("--max-concurrent", metavar="N", help="the most calls at once, or auto (default: 20)")
    group.add_argument("--max-cost", type=_flag(values.cap), metavar="USD", help="stop before more than this is spent")
    group.add_argument(
        "--max-tokens", type=_flag(values.count), metavar="N", help="stop before more tokens than this are used"
    )
    group.add_argument("--fresh", action="store_true", help="ask again instead of using answers paid for before")
    group.add_argument(
        "--rehearse",
        action="store_true",
        help="no key, no network, no GPU: a stand-in makes everything",
    )


def _add_output_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument(
        "--export",
        type=_flag(values.exports),
        metavar="LIST",
        help=f"for other programs: cards ({','.join(values.CARD_FORMS)}), by itself of --personas; posts "
        f"({','.join(values.POST_FORMS)}), by itself of --tweets-batch",
    )
    group.add_argument(
        "--media-base-url",
        type=_flag(values.url),
        metavar="URL",
        help="with --export: where others find what is in output_images/",
    )
    group.add_argument(
        "--verify", nargs="+", metavar="FILE", help="say what files claim of themselves: their AI labels"
    )
    group.add_argument("--out", metavar="DIR", help="the folder under which everything is written (default: here)")
    group.add_argument(
        "--check", action="store_true", help="is everything in place? settings, endpoint, GPUs, painter, folders"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="only tell what the command would ask, paint and cost; works offline"
    )
    group.add_argument("--trace", metavar="FILE", help="write where the time went, for ui.perfetto.dev")
    group.add_argument("--json", action="store_true", help="print the report as JSON to stdout")
    volume = group.add_mutually_exclusive_group()
    volume.add_argument(
        "-q", "--quiet", dest="verbosity", action="store_const", const=-1, help="only what is missing, and why"
    )
    volume.add_argument(
        "-v", "--verbose", dest="verbosity", action="store_const", const=1, help="more about what happens"
    )
    group.add_argument("--version", action="store_true", help="print the version")


def _flag(parse: Callable[[str], object]) -> Callable[[str], object]:
    """`parse` with its reason in argparse's message."""

    def checked(text: str) -> object:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text}: {error}") from error

    return checked
