"""The compiler: from a network to a project."""
