"""The torch process: reads requests from its input, keeps models warm, writes frames to its
output."""
