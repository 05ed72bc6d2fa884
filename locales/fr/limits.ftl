# On en demande plus que les limites à l’entrée ne permettent : ce qui n’a pas été pris, et pour combien de temps.
limit-updates = C’est plus que je ne peux suivre : je n’ai pas lu ce message et n’en lirai aucun pendant { $wait }. Renvoyez-le ensuite, s’il vous plaît. Payer, /cancel et /erase fonctionnent toujours.
limit-rights = Vous avez demandé cela très souvent. Je répondrai de nouveau dans { $wait } ; attendre ne fait rien perdre.
limit-photos = Je ne peux pas regarder plus de photos pour l’instant. Je n’ai pas pris celle-ci et n’en prendrai aucune pendant { $wait }. Renvoyez-la ensuite, avec celles qui l’ont suivie, s’il vous plaît.

# De même dans le navigateur, qui garde ce qui n’a pas été pris.
limit-kept = C’est plus que je ne peux suivre. Rien n’est perdu : vous pourrez le renvoyer dans { $wait }. Payer, /cancel et /erase fonctionnent toujours.
limit-kept-photos = Je ne peux pas regarder plus de photos pour l’instant. Les autres restent sur cette page, qui les enverra d’elle-même dans { $wait } : laissez-la simplement ouverte.
limit-new-people = Plus de nouvelles personnes sont venues de votre réseau que je ne peux en accueillir à la fois. Rien n’est perdu : vous pourrez continuer dans { $wait }.
limit-pages = Cette page a été ouverte très souvent d’ici. Réessayez dans { $wait }, s’il vous plaît.

error-too-many-orders = Vous avez commencé aujourd’hui plus de commandes que je ne peux en prendre. Vous pourrez commencer la suivante dans { $wait }. Rien n’a été débité.
error-too-many-bills = Vous avez demandé un très grand nombre de factures. Je vous remontrerai celle-ci dans { $wait }. Rien n’a été débité, et une facture que vous avez déjà peut être payée.
