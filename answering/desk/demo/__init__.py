"""The demo house: an operator in Riga, three client companies, and two months of their calls."""
