"""The proof: every sample is run in every case, judged, and compared with its neighbours."""
