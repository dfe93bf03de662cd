"""What a file says of itself: the AI label, XMP, the metadata of picture files, C2PA."""
