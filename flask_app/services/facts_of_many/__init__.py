"""The facts workflows judge by, for a whole list at once: a fixed number of queries however long the list is.

One object is judged by `competition_facts` and `training_facts`; a page of fifty procedures reads the same facts here.
The tests hold both readings equal on every state, so that a list cannot say what the object's own page denies.
"""
