"""Filed by an officer for somebody who cannot do it themself, who then hears by text message or is called."""
