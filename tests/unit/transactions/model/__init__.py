"""Model of every event that two keepers of one sender can meet, in any order."""
