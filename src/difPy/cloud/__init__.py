"""Pictures past one machine: found, decoded, joined and grouped in steps from objects to objects, by whoever runs them.
"""
