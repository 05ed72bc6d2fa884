# Sharing and inviting: in the person's own chat, in another chat they choose, in groups.
share-ask = Lequel ? Comptez comme dans l’album ci-dessus. À qui l’envoyer, c’est vous qui décidez ; rien ne part avant.
share-ask-typed = À qui l’envoyer, c’est vous qui décidez : appuyez longuement sur le portrait choisi, puis transférez-le. Rien ne part avant.
share-button-one = Portrait { $number }
share-button-send = Envoyer à quelqu’un
share-caption = Un portrait d’Eider · généré par IA
share-show-first = Ouvrir d’abord ce portrait avec moi
share-open = Ouvrir Eider

invite =
    { $credits ->
        [0] Cela vous plaît ? Faites venir vos amis : touchez le bouton et choisissez la conversation.
        [one] Faites venir vos amis : quand le premier avatar d’un ami venu par votre lien est prêt, vous recevez chacun { $credits } crédit. S’il est remboursé plus tard, ce crédit est repris ; s’il est déjà dépensé, il est retenu sur votre prochaine récompense.
       *[other] Faites venir vos amis : quand le premier avatar d’un ami venu par votre lien est prêt, vous recevez chacun { $credits } crédits. S’il est remboursé plus tard, ceux qui ne sont pas dépensés sont repris, et les autres sont retenus sur votre prochaine récompense.
    }
invite-typed =
    { $credits ->
        [0] Cela vous plaît ? Faites venir vos amis.
        [one] Faites venir vos amis : quand le premier avatar d’un ami venu par votre code est prêt, vous recevez chacun { $credits } crédit. S’il est remboursé plus tard, ce crédit est repris ; s’il est déjà dépensé, il est retenu sur votre prochaine récompense.
       *[other] Faites venir vos amis : quand le premier avatar d’un ami venu par votre code est prêt, vous recevez chacun { $credits } crédits. S’il est remboursé plus tard, ceux qui ne sont pas dépensés sont repris, et les autres sont retenus sur votre prochaine récompense.
    }
invite-button-send = Envoyer à un ami
invite-button-link = Mon lien d’invitation
# Under the picture of a code that leads to us.
link-scan = Le code ci-dessus est votre invitation, valable { $days } jours : appuyez longuement dessus, puis transférez-le à un ami.

invited-taken =
    { $credits ->
        [0] Vous venez de la part d’un ami : bienvenue.
        [one] Vous venez de la part d’un ami : bienvenue. Quand votre premier avatar sera prêt, vous recevrez chacun { $credits } crédit.
       *[other] Vous venez de la part d’un ami : bienvenue. Quand votre premier avatar sera prêt, vous recevrez chacun { $credits } crédits.
    }
invited-own = C’est votre propre lien d’invitation. Il sert à vos amis : envoyez-le à l’un d’eux.
invited-known = Les invitations sont pour les nouveaux venus, et vous êtes déjà des nôtres : celle-ci ne compte pas.

invitation-title = Inviter un ami
invitation-about =
    { $credits ->
        [0] Envoyer une invitation ici
        [one] Envoyer une invitation ici : { $credits } crédit pour chacun
       *[other] Envoyer une invitation ici : { $credits } crédits pour chacun
    }
invitation =
    { $credits ->
        [0] Viens faire ton portrait chez Eider, un studio photo installé dans une conversation : tes photos deviennent un avatar numérique rien qu’à toi, puis des portraits de studio qui te ressemblent.
        [one] Viens faire ton portrait chez Eider, un studio photo installé dans une conversation : tes photos deviennent un avatar numérique rien qu’à toi, puis des portraits de studio qui te ressemblent. Avec ce lien, nous recevons chacun { $credits } crédit quand ton premier avatar est prêt.
       *[other] Viens faire ton portrait chez Eider, un studio photo installé dans une conversation : tes photos deviennent un avatar numérique rien qu’à toi, puis des portraits de studio qui te ressemblent. Avec ce lien, nous recevons chacun { $credits } crédits quand ton premier avatar est prêt.
    }
invitation-button-open = Voir Eider

group-hello =
    Je suis Eider, un studio photo installé dans une conversation. Conditions, photos, paiement et portraits : tout se passe en privé avec moi, là où personne d’autre ne les voit.

    Dans un groupe, je ne réponds qu’aux commandes : envoyez /portrait, et je publie ici un de vos propres portraits.
group-no-portrait = Vous n’avez pas encore de portrait que je puisse publier ici. Faisons-en d’abord en privé.
group-no-such-portrait = Il n’y a pas de portrait à cette place. /portrait est le premier de votre dernière série, /portrait 2 le deuxième ; plus le numéro est grand, plus le portrait est ancien.
group-portrait = { $style } · généré par IA
group-command-portrait = publier ici un de mes portraits
group-command-start = ce qu’est Eider
group-command-help = ce que je fais dans un groupe
