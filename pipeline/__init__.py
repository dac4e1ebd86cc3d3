"""What the program knows and can do: shared by worker, listener, web app and command line."""
