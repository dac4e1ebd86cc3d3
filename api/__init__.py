"""What one sees and asks for: reads and triggers over HTTP; decides nothing."""
