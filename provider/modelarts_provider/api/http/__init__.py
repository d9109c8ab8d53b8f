"""One call over HTTP: the client, its attempts, retries and limits, and what keeps answers within bounds."""
