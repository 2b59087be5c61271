"""The complete file of a proposal as one archive: all that its reader may see of it, to be kept."""
