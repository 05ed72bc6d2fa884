"""Labels that can be checked: the hidden label (XMP), the credentials (C2PA) and their keys."""
