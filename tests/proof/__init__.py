"""
The harness of proof: what holds for every address, operation, job and service, tried on all that are found.

Nothing here names a page. Addresses are walked from the resolver, operations from the description of the interface,
forms from the pages, services from the modules. Who gets what is said in tests/access, who may do what in
tests/who_may.
"""
