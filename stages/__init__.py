"""What the program does: one file per stage; the file's name is the stage's name everywhere."""
