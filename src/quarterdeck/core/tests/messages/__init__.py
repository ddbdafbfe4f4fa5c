"""Messages: mail, comments, files, watching, notifications."""
