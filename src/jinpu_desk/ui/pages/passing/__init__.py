"""流转: slips that papers go with, made, signed for and looked at."""
