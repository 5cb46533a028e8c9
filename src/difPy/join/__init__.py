from difPy.join.brute import FullDistance, Tie, brute

__all__ = ["FullDistance", "Tie", "brute"]
