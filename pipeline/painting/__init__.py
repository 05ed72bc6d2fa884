"""Painting: sample candidates, gate, choose, retouch, label."""
