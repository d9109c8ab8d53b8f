"""``terraform-provider-modelarts doctor``: what is wrong with a user's set-up, and how to mend it.

It looks and never changes anything: files are read, programs are asked for their version, and the service is asked only
for lists.
"""
