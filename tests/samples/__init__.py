"""Fictitious (演示) data the tests of several rooms share."""
