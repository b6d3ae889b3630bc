"""Where alarms and events of the engine go."""
