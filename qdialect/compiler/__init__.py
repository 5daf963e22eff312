"""What puts the parts together: from a network to a project."""
