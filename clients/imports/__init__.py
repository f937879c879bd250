"""Contacts from and to CSV files; `jobs` is where the screens come in, `exports` where files go out."""
