"""From a request to one call and back."""
