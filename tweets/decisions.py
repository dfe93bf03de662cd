"""What a person decides about the posts of a batch: keep, redo or drop a text or a picture, or write a text oneself.

Pure: a batch in, the changed batch out. Each function may be called again with the same words and changes nothing
more. Knows no files and no pages.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

from errors import BadInput
from persona.facts.check import notes, post_contradictions
from persona.schema.persona import Persona
from tweets.length import LONGEST, weighted_length
from tweets.rules import hashtags_in
from tweets.schema import Decision, Tweet, TweetBatch

LONGEST_WISH = 500


def decide_post(batch: TweetBatch, post_id: str, decision: Decision) -> TweetBatch:
    """The batch with this decision about one text."""
    _check_wish(decision)
    return _with(batch, post_id, lambda post: post.model_copy(update={"decision": decision}))


def decide_picture(batch: TweetBatch, post_id: str, decision: Decision, shown: str) -> TweetBatch:
    """The batch with this decision about one picture. `shown`: the digest of the painting that is to be seen now.

    A redo that has been painted becomes the painting that is decided about; one that has not can be taken back.
    """
    _check_wish(decision)

    def decided(post: Tweet) -> Tweet:
        painting = post.painting
        if painting is None:
            raise BadInput(f"The post {post_id} has no picture.")
        wanted = batch.painting_of(post)
        if wanted is not None and wanted.digest == shown:
            painting = wanted
        return post.model_copy(update={"painting": painting.model_copy(update={"decision": decision})})

    return _with(batch, post_id, decided)


def edit_post(batch: TweetBatch, post_id: str, parts: Sequence[str], persona: Persona | None) -> TweetBatch:
    """The batch with a person's own words in one post, and what they say against the character noted anew.

    `parts`: the text, and for a thread what follows it; a part of a thread that is blank is left out.
    """
    text, *thread = [part for part in map(_tidy, parts) if part] or [""]
    if not text:
        raise BadInput("A post cannot be blank.", "To leave it out, drop it.")
    for part in (text, *thread):
        if (length := weighted_length(part)) > LONGEST:
            raise BadInput(
                f"The text counts {length} where {LONGEST} are allowed.", f"Shorten it by {length - LONGEST}."
            )

    def edited(post: Tweet) -> Tweet:
        if post.parts == (text, *thread):
            return post
        whole = "\n".join((text, *thread))
        day = date.fromisoformat(post.id[:10])
        found = post_contradictions(persona, day, whole, told=post.theme) if persona else ()
        changes = {
            "text": text,
            "thread": tuple(thread),
            "weighted_length": weighted_length(text),
            "hashtags": hashtags_in(whole),
            "notes": notes(found),
            "decision": Decision(act="keep"),
            "edited": True,
        }
        return post.model_copy(update=changes)

    return _with(batch, post_id, edited)


def _tidy(part: str) -> str:
    return unicodedata.normalize("NFC", part.replace("\r\n", "\n")).strip()


def _with(batch: TweetBatch, post_id: str, change: Callable[[Tweet], Tweet]) -> TweetBatch:
    if not any(post.id == post_id for post in batch.posts):
        raise BadInput(f"The batch {batch.persona}-{batch.key} has no post {post_id}.", "Load the page again.")
    posts = tuple(change(post) if post.id == post_id else post for post in batch.posts)
    return batch.model_copy(update={"posts": posts})


def _check_wish(decision: Decision) -> None:
    if len(decision.wish) > LONGEST_WISH:
        raise BadInput(f"The wish has {len(decision.wish):,} characters.", f"Say it in {LONGEST_WISH}.")
