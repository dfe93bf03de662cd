"""A persona in, planned posts out: real days, real holidays, local times."""
