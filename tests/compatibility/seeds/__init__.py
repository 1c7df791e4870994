"""Small changes of the real document: those that must be caught, each with the rules that catch it, and those that must not.

A seed names what it changes by operation id, schema and field. Where that is gone from the document, the seed fails and says
so: choose another target then, that the seed goes on testing what its name says.
"""
