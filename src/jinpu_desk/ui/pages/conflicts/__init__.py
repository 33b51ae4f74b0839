"""What the centre set aside: one conflict or dead letter, and how a person settles it."""
