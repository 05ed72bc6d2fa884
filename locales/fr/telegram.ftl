# Said in Telegram alone.
bot-description =
    Eider est un studio photo installé dans une conversation : vos photos deviennent un avatar numérique qui n’appartient qu’à vous, et l’avatar, des portraits de studio qui vous ressemblent, envoyés ici même.

    Vos photos sont chiffrées, puis effacées dès que l’avatar est fait, avec un reçu. Les portraits sont à vous ; les partager ne dépend que de vous. En cas d’échec, vous êtes intégralement remboursé, sans rien demander.
bot-short-description = Des portraits qui vous ressemblent, faits de vos photos, effacées après usage. Remboursé en cas d’échec.
