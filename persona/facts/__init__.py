"""What contradicts a character's fact sheet, in an answer, a post or a scene. Pure; words in persona/words/."""
