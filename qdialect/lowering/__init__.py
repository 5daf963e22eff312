"""From the integer level to what describes hardware."""
