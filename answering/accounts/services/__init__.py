"""Change the people of the house; every change is logged in its own transaction."""
