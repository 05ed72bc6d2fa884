# Said in Telegram alone.
bot-description =
    Eider is a portrait studio inside a chat: your photos become a digital avatar that is yours alone, and the avatar becomes studio portraits that look like you, sent right here.

    Photos are stored encrypted and erased once the avatar is made, with a receipt. The portraits are yours; sharing them is up to you. If it doesn’t work out, you get all your money back without asking.
bot-short-description = Portraits that look like you, from your own photos. Photos are erased after use; refunded in full if it fails.
