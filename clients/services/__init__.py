"""What changes several rows of a company, by topic."""
