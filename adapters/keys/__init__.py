"""Keys, and what is closed and signed with them. They never lie in the clear beside what they protect."""
