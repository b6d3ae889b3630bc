"""Instructions: what people and programs want to be where, and what has to be moved for it."""
