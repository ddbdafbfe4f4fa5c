"""What comes in from other tools and goes out to them; writes only through the services of the domains."""
