"""What a case is and may become: pure rules over frozen facts, with the clock passed in."""
