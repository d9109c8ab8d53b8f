"""Power-state orchestration: which steps an update takes, and running them. Knows steps, and no HTTP."""
