"""Pages for people, one file a feature; each makes its pages from the services that the API uses.

Pages change nothing themselves but for sign-in and language: their forms send JSON to the API, with its gates,
its audit and its refusals.
"""
