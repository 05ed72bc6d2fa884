# Said in Telegram alone.
telegram-private-only = Je ne travaille qu’en conversation privée, pour que personne d’autre ne voie vos portraits. Écrivez-moi directement et nous pourrons commencer.
