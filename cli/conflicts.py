"""Which mode the flags ask for, and which of them go together.

Each function ends the command with a sentence where flags contradict each other. Knows nothing of the modes.
"""

from __future__ import annotations

import argparse
import sys

import values


def mode_of(flags: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    """The one mode that the flags ask for."""
    if flags.version:
        from settings import VERSION

        print(f"Dramatis {VERSION}")  # noqa: T201 - what was asked for
        parser.exit()
    personas = bool(flags.persona or flags.personas)
    asked = {
        "run-all": flags.run_all,
        "generate-persona": flags.generate_persona,
        **(work := work_asked(flags, parser)),
        "posts": flags.batch_mode
        or (personas and not any(work.values()) and not (flags.generate_images or flags.redo_post)),
        "redo-post": flags.redo_post is not None,
        "generate-images": flags.generate_images,
        "check": flags.check,
        "verify": flags.verify,
        "gallery": flags.gallery,
        "review": flags.review,
    }
    modes = [mode for mode, given in asked.items() if given]
    if flags.export and modes[1:] == []:
        modes = [export_mode(flags, parser, *modes)]
    if not modes:
        parser.print_help(sys.stderr)
        parser.exit(2)
    if len(modes) > 1:
        parser.error(f"one thing at a time: {' and '.join(modes)} were asked for together")
    _check_dry_run(flags, parser, modes[0])
    needs: dict[str, tuple[object, str]] = {
        "run-all": (flags.image or flags.images, "--run-all needs pictures: --images a.png b.png"),
        "generate-persona": (flags.image or flags.images, "--generate-persona needs --image or --images"),
        **{mode: (personas, f"--{mode} needs --persona or --personas") for mode in work},
        "posts": (personas, "--batch-mode needs --personas personas/*.json"),
        "generate-images": (flags.tweets_batch, "--generate-images needs --tweets-batch output_standalone/*.json"),
        "redo-post": (flags.tweets_batch, "--redo-post needs --tweets-batch with the file that the post stands in"),
        "verify": (flags.verify, ""),
        "export": (personas, "--export of cards needs --personas personas/*.json"),
        "export-posts": (flags.tweets_batch, "--export of posts needs --tweets-batch output_standalone/*.json"),
    }
    given, remedy = needs.get(modes[0], (True, ""))
    if not given:
        parser.error(remedy)
    check_calendar_flags(flags, parser)
    if flags.min_score and (flags.best_of or 1) < 2:
        parser.error("--min-score goes with --best-of 2 or more")
    if flags.persona_output and len((flags.image or []) + (flags.images or [])) > 1:
        parser.error("--persona-output names one file; it goes with one --image")
    return modes[0]


def _check_dry_run(flags: argparse.Namespace, parser: argparse.ArgumentParser, mode: str) -> None:
    if flags.dry_run and mode == "redo-post":
        parser.error("--redo-post asks one question for each post: leave out --dry-run")
    if flags.dry_run and mode in {"check", "verify", "gallery", "review"}:
        parser.error(f"--{mode} costs nothing: leave out --dry-run")


def check_calendar_flags(flags: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """What is said of calendars to be planned must not contradict itself, nor go to calendars that are given."""
    if flags.generate_calendar and (flags.calendar or flags.calendars):
        parser.error("--generate-calendar makes calendars, --calendar and --calendars read them: give one of the two")
    if flags.tweets and flags.days and flags.posts_per_day:
        parser.error("--tweets, --days and --posts-per-day: give two of the three, the third follows")
    if (flags.posts_per_day or flags.quiet_hours) and (flags.calendar or flags.calendars):
        flag = "--posts-per-day" if flags.posts_per_day else "--quiet-hours"
        parser.error(f"{flag} is for calendars that are planned; those of --calendar and --calendars keep their times")


def work_asked(flags: argparse.Namespace, parser: argparse.ArgumentParser) -> dict[str, bool]:
    """The modes that work on personas which stand; with --generate-persona, acquaintance is its last step."""
    if flags.know_each_other and (flags.run_all or flags.batch_mode):
        parser.error("--know-each-other goes with --generate-persona or --personas, before any posts are written")
    return {
        "redo": flags.redo is not None,
        "complete": flags.complete,
        "know-each-other": flags.know_each_other and not flags.generate_persona,
    }


def export_mode(flags: argparse.Namespace, parser: argparse.ArgumentParser, mode: str = "") -> str:
    """What `--export` makes of `mode`: by itself it exports cards of personas or posts of batches and asks no model."""
    forms = ",".join(flags.export)
    cards, posts = (any(form in known for form in flags.export) for known in (values.CARD_FORMS, values.POST_FORMS))
    if posts and mode not in {"", "posts", "run-all", "generate-images"}:
        parser.error(f"--export {forms} needs posts, and --{mode} writes none")
    if cards and mode == "generate-images":
        parser.error(f"--export {forms} needs personas, and --{mode} reads none")
    if cards and posts and mode in {"", "posts"}:
        parser.error(f"--export {forms}: cards and posts are exported by two commands, or both by --run-all")
    if posts and mode == "posts" and flags.tweets_batch:
        parser.error("--personas writes new posts, --tweets-batch names posts that are there: give one of the two")
    if mode not in {"", "posts"} or (posts and mode):
        return mode
    return _card_mode(flags, parser) if cards else "export-posts"


def _card_mode(flags: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    posts = ["batch_mode", "generate_calendar", "calendar", "calendars"]
    posts += ["tweets", "days", "start_date", "posts_per_day", "quiet_hours"]
    if wrong := [name for name in posts if getattr(flags, name)]:
        flag = f"--{wrong[0].replace('_', '-')}"
        parser.error(f"--export with --personas writes cards and no posts: leave out {flag}, or run two commands")
    return "export"
