"""How much a configuration may be: more is a mistake or an attack."""

LARGEST_FILE = 1024 * 1024
LARGEST_FILLED = 4 * LARGEST_FILE
DEEPEST = 64
MOST_VALUES = 20_000
MOST_CHARACTERS = 4 * LARGEST_FILE  # aliases followed: each of them is a copy in the end
LONGEST_NUMBER = 64
LONGEST_SOCKET = 107  # sun_path of unix(7) is 108 bytes with the final NUL
