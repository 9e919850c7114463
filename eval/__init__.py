"""Question sets in; numbers with intervals out."""
