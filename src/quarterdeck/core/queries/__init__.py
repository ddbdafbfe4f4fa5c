"""Questions of the kernel."""
