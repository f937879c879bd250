"""What a checkout needs to run by itself: its own servers, its processes, its mail sink."""
