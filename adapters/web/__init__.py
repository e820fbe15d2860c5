"""HTTP and pages: commands in, queries out, and what people look at."""
