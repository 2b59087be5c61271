"""Redaction: faces and licence plates are found and covered before others than those who handle it see a photo."""
