"""How well altered copies are found: a labelled folder of them, what each tool finds in it, and what that is worth."""
