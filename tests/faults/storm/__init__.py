"""A storm: real processes under steady load, killed, frozen and cut off, and a count of what was lost."""
