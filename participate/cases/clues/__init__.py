"""What suggests a supervision by itself: a promise that was broken, a submission that was opened again twice."""
