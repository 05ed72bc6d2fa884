"""Painting: candidates, the gate, the choice, retouch, label."""
