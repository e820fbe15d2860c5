"""Everything outside: the store, the bus, the web, the command line, and where they are joined."""
