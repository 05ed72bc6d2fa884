# Said in Telegram alone.
telegram-private-only = 我只在私聊里工作，这样别人看不到你的写真。请直接给我发消息，我们就可以开始。
