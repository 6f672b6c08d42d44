//! Policies for tests, built in place.
