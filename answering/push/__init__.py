"""Hints to browsers: what changed, never what it says. The database is the truth; hints may be lost."""
