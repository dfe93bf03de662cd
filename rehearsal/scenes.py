"""What a rehearsed picture shows, in the painter's words; and the same for somebody who cannot see it."""

from __future__ import annotations

from datetime import date

from rehearsal.bank import Draw, Filling
from rehearsal.cast import Character, part


def daytime_of(hour: int) -> str:
    if hour < 5 or hour >= 21:
        return "night"
    return "morning" if hour < 11 else "noon" if hour < 16 else "evening"


def scene_of(who: Character, day: date | None, hour: int, draw: Draw, place: str) -> tuple[str, str]:
    """The scene of a post that happens at `place`, and its alt text in the post's language."""
    scene, words = who.bank.looks["scene"], who.bank.posts["alt"]
    where = next((word for name, word in who.job["places"] if name == place), "city street")
    daytime = daytime_of(hour)
    light = draw.one(
        "light", ["clear", "cloudy", "rain"] if daytime == "night" else ["sunny", "sunny", "cloudy", "rain"]
    )
    if day and day.month in who.home["snow"] and draw.chance("snow", 50):
        light = "snow"
    pose = draw.one("pose", scene["poses"])
    thing = "book" if pose == "reading" else draw.one("object", who.job["objects"])
    painted = {
        "pose": pose,
        "place": scene["places"][where],
        "time": scene["times"][daytime],
        "weather": scene["light"][light] + (" outside the window" if where in scene["indoors"] else ""),
        "object": scene["objects"][thing],
    }
    shot = draw.one("shot", scene["shots"])
    sky = "window" if where in scene["indoors"] and "window" in words else "weather"
    told = {
        name: part(words, sky if name == "weather" else name).get(key) or painted[name]
        for name, key in (("pose", pose), ("place", where), ("time", daytime), ("weather", light), ("object", thing))
    }
    alt_text = Filling(told | {"who": who.given}).fill(draw.one("alt", words["sentence"]))
    return Filling(painted | {"shot": shot}).fill(scene["sentence"]), alt_text
