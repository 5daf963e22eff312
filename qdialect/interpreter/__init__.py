"""The reference simulator: runs the IR at network and integer level on numpy batches, exactly."""
