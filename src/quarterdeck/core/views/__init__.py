"""Pages of the kernel, one module a room."""
