"""Uploads that can be resumed, by the tus protocol 1.0.0; a finished one is a photo."""
