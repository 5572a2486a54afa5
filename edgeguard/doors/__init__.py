"""Where a lift's door stands: from its contact, or estimated from the picture."""
