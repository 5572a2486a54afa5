"""What a box costs and what it can carry: measured on the machine it runs on, in pairs against a baseline."""
