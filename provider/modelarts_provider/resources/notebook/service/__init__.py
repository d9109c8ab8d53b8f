"""One notebook at the service: its operations, its values in the API's form, what the API's errors mean for it."""
