"""WeChat Pay: the till, its page, and the shop around them."""
