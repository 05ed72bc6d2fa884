# L’album : les portraits d’une personne, sur une page à elle.
album-title = Vos portraits
album-balance =
    { $count ->
        [one] { $count } crédit
       *[other] { $count } crédits
    }
album-cost =
    { $cost ->
        [one] { $cost } crédit
       *[other] { $cost } crédits
    }
album-about = { $day } · force de l’avatar { $strength } · retouche { $beauty }
album-painting = En cours de réalisation. Ils apparaîtront ici d’eux-mêmes.
album-empty = Vos portraits seront accrochés ici. Il n’y en a pas encore.
album-clips = Vidéos
album-older = Portraits plus anciens
album-menu = Plus
album-original = Enregistrer l’original
album-where = Où en sommes-nous
album-orders = Mes commandes
album-help = Aide pour un paiement
album-data = Ce qui est conservé sur moi
album-erase = Effacer tout ce qui me concerne
album-pay = Payer { $amount }
album-bill-sent = La facture est maintenant dans votre discussion. C’est là qu’elle se règle.
album-bill-not-sent = La facture n’a pas pu être envoyée dans votre discussion. Rien n’a été débité ; redemandez-la là-bas dans un instant.
album-not-sold = Sur iPhone et iPad, rien n’est vendu sur cette page. Pour acheter, ouvrez votre album sur un téléphone Android ou un ordinateur. Ce que vous avez déjà reste à vous partout.
album-busy = Un instant…
album-offline = Pas de connexion avec Eider pour l’instant. Rien n’est perdu : réessayez, et ce ne sera tout de même fait qu’une fois.
album-trouble = Eider ne peut pas répondre pour l’instant. Réessayez dans un moment ; ce ne sera tout de même fait qu’une fois.
album-hold = Maintenez le doigt sur l’image pour l’enregistrer ou l’envoyer.
album-share-in-chat = Si rien ne se passe ici : les boutons sous les portraits, dans la discussion, les enregistrent et les partagent aussi.
album-share-in-chat-typed = Si rien ne se passe ici : maintenez le doigt sur un portrait dans la discussion pour l’enregistrer ou l’envoyer.
album-share-by-file = Ce navigateur ne sait pas partager d’images. Enregistrez l’original, puis envoyez-le.
album-checking = Nous vérifions que c’est bien vous…
album-outside = Cet album s’ouvre depuis votre discussion avec Eider, et pour vous seul. Retournez-y et ouvrez-le de là.
album-unproven-title = Je ne peux pas savoir qui regarde
album-unproven = La plateforme n’a pas confirmé votre identité. Rien n’a été montré. Ouvrez de nouveau l’album depuis votre discussion.
album-not-yours-title = Cet album est à quelqu’un d’autre
album-not-yours = Il ne s’ouvre que pour la personne à qui il appartient. Vos propres portraits sont dans votre propre discussion avec Eider.
album-over-title = Ce lien a expiré
album-over = Les liens vers un album s’ouvrent pendant une semaine. Vos portraits sont toujours là : saluez Eider dans la discussion et ouvrez l’album de là.
album-gone-title = Il n’y a plus rien ici
album-gone = Ce qui s’y trouvait a été effacé, ou vous a suivi dans une autre discussion. Ouvrez l’album depuis votre discussion avec Eider.
album-unknown-title = Cet album n’existe pas
album-unknown = Le lien a peut-être perdu un morceau en route. Ouvrez l’album depuis votre discussion avec Eider.
album-noscript = Pour agir ici, cette page a besoin de JavaScript. Activez-le, ou continuez dans la discussion.
