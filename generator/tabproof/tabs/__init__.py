"""What a fence shows, and how that is written for each kind of site; the fence runs nothing."""
