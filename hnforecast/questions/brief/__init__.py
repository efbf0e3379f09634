"""One page for a decision: what took spend, what the last plan promised of each measure, and what would bring balance.

causes (published history) + promises (two vintages by name of measure) + balance (the best mix, and what it leaves)
"""
