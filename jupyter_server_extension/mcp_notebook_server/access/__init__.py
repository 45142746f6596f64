"""Who may do what: host tokens and their scopes."""
