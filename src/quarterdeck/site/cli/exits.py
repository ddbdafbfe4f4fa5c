"""What the exit code of a command says; docs/operate/commands.md lists them."""

DONE = 0
REFUSED = 1  # refused, or problems were found
USAGE = 2  # the command line is wrong
ALREADY_RUNNING = 3
PORT_TAKEN = 4
CONFIGURATION = 5
INTERRUPTED = 130
TERMINATED = 143
