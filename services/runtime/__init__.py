"""What the workers share: settings, the log, the step, the shell around it, exits and logging."""
