"""What officers find on their round: mended on the spot and verified by sampling, or left for others to mend."""
