"""The daily log of visits (民情日志): what grid officers saw and heard on their rounds."""
