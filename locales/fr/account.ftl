# Orders, data, credits, erasing.
orders-none = Aucune commande pour l’instant.
orders-head = Vos commandes :
orders-line = { $number } · { $day } · { $product } · { $amount } · { $state }
orders-more = … seules les { $count } dernières figurent ici.
product-avatar = avatar numérique
product-credits =
    { $credits ->
        [one] { $credits } crédit
       *[other] { $credits } crédits
    }
order-collecting = envoi des photos
order-awaiting = en attente de paiement
order-paid = payée, en cours
order-paid-halted = payée, attend une machine
order-done = terminée
order-stopped = arrêtée par vous, non remboursée
order-refunding = remboursement en cours
order-refunded = remboursée
order-cancelled = annulée

mydata =
    Voici ce que je détiens de vous :

    · photos envoyées, avec le premier essai : { $uploads }
    · résultats de contrôles de photos, avec sommes de contrôle de l’image et du visage : { $checks }
    · photos comparées entre elles, à votre demande, avec pour chacune si elle ressemblait aux autres : { $compared }
    · points de reprise d’un apprentissage en cours : { $checkpoints }
    · avatars numériques : { $avatars }
    · portraits : { $portraits }
    · vidéos : { $clips }
    · images avec vos mots : ce que j’ai compris, chiffré : { $prompts }
    · messages avec quelqu’un du studio, chiffrés : { $cases }
    · images envoyées pour être animées, avec leurs petites copies : { $sources }
    · de chaque vidéo : qui vous avez dit être sur l’image, le mouvement choisi et le nombre de visages
    · accords : { $consents }
    · commandes : { $orders }
    · crédits : { $credits }
    · votre identifiant sur cette plateforme, votre langue, le mot choisi pour la personne, vos choix de ressemblance, de retouche et d’expression et, le cas échéant, qui vous a fait venir
    · contre les abus, le nombre de demandes, sous une empreinte à clé, un jour au plus
    · là où la plateforme limite mes messages : quand vous avez écrit et quand je l’ai fait depuis, sous une telle empreinte, deux semaines au plus

    Ni nom, ni points clés ou gabarit biométrique du visage, ni rien d’autre de ce que vous avez écrit.
mydata-button-erase = Tout effacer
mydata-minor = Et que vous avez dit avoir moins de 18 ans, jusqu’à ce qu’une personne de l’équipe ait vu que vous êtes adulte.
mydata-past =
    { $banned ->
        [yes] Et, depuis votre dernier effacement, jusqu’au { $day } : une empreinte à clé de votre identifiant ici, qui dit que ce compte a déjà servi et qu’il ne peut plus passer de commande.
       *[no] Et, depuis votre dernier effacement, jusqu’au { $day } : une empreinte à clé de votre identifiant ici, qui dit que ce compte a déjà servi.
    }

credits =
    { $balance ->
        [one] Vous avez { $balance } crédit. Une série de portraits en coûte { $cost }, une vidéo { $clip }, une vidéo qui réunit deux photos { $together } ; les crédits de ce qui rate vous reviennent, et ils n’expirent pas.
       *[other] Vous avez { $balance } crédits. Une série de portraits en coûte { $cost }, une vidéo { $clip }, une vidéo qui réunit deux photos { $together } ; les crédits de ce qui rate vous reviennent, et ils n’expirent pas.
    }
price-avatar =
    Un avatar coûte { $price }, payé une fois, avec sa première série de portraits et { $credits ->
        [one] { $credits } crédit
       *[other] { $credits } crédits
    } en plus{ $sets ->
        [0] .
        [one] , de quoi faire une série de plus.
       *[other] , de quoi faire { $sets } séries de plus.
    }
credits-button-pack =
    { $credits ->
        [one] { $credits } crédit · { $price }
       *[other] { $credits } crédits · { $price }
    }

erase-ask =
    Effacer tout ce qui vous concerne ?

    Photos, avatar, portraits et votre place dans cette conversation disparaissent, et les clés avec ; personne ne pourra les rétablir.{ $credits ->
        [0] {" "}
       *[other] {" "}Vos crédits restants ({ $credits }) sont perdus.{" "}
    }Enregistrez d’abord les portraits que vous voulez garder.

    { $fate ->
        [loss] Le travail sur votre avatar a commencé. Si vous effacez maintenant, il s’arrête, et les { $lost } payés ne sont pas remboursés.
        [refund] Si vous effacez maintenant, la commande est annulée et vous récupérez la totalité, { $back }.
        [owed] { money-owed }
       *[yes] Aucune commande inachevée n’est payée : il n’y a rien à rembourser.
    }

    { $banned ->
        [yes] Ce qui reste : la comptabilité, comme la loi l’exige, avec des numéros et des montants seulement ; et pendant { $days } jours une empreinte à clé de votre identifiant ici, qui dit que ce compte a déjà servi et qu’il ne peut plus passer de commande.
       *[no] Ce qui reste : la comptabilité, comme la loi l’exige, avec des numéros et des montants seulement ; et pendant { $days } jours une empreinte à clé de votre identifiant ici, qui dit seulement que ce compte a déjà servi.
    }
erase-button-yes = Tout effacer
erase-button-no = Conserver
erase-prompt =
    { $fate ->
        [loss] Pour effacer, choisissez « Tout effacer » : le travail commencé s’arrête, et les { $lost } payés ne sont pas remboursés. « Conserver » ne change rien.
        [refund] Pour effacer, choisissez « Tout effacer » : vous récupérez la totalité, { $back }. « Conserver » ne change rien.
       *[yes] Pour effacer, choisissez « Tout effacer ». « Conserver » ne change rien.
    }
erase-kept = Très bien, rien n’a été effacé.
erase-nothing = Tout ce qui était à vous est déjà effacé : il ne reste rien à effacer ici.
erase-receipt =
    Reçu d’effacement
    { $day }

    · photos envoyées : { $uploads }
    · avatars numériques : { $avatars }
    · portraits : { $portraits }
    · vidéos : { $clips }

    Les clés sont détruites : désormais personne ne peut plus rien ouvrir de tout cela, ni de ce qu’un apprentissage inachevé avait enregistré, et les fichiers sont en cours de suppression. La comptabilité est conservée, comme la loi l’exige, avec des numéros et des montants seulement.
    Merci de votre visite. Pour revenir, écrivez « commencer ».
erase-money =
    { $fate ->
        [loss] Le travail commencé est arrêté. Les { $lost } payés pour lui ne sont pas remboursés.
        [refund] Vos { $back } vous sont rendus.
        [owed] { money-owed }
       *[yes] Aucune commande inachevée n’était payée : il n’y a rien à rembourser.
    }
money-owed = Les { $owed } qui vous étaient déjà dus sont toujours en cours de remboursement ; cela n’y change rien.
erase-past =
    { $banned ->
        [yes] Conservée jusqu’au { $day } : une empreinte à clé de votre identifiant ici, dont personne ne peut tirer l’identifiant. Elle dit que ce compte a déjà servi et qu’il ne peut plus passer de commande.
       *[no] Conservée jusqu’au { $day } : une empreinte à clé de votre identifiant ici, dont personne ne peut tirer l’identifiant. Elle dit seulement que ce compte a déjà servi.
    }

paysupport =
    Un problème de paiement ? Ne payez pas une seconde fois pour l’instant.

    · Payé, mais rien ne bouge : voyez /orders. L’annonce d’un paiement a souvent quelques minutes de retard.
    · Payé deux fois : le second paiement vous est rendu automatiquement.
    · Échec : tout vous est remboursé, automatiquement.
    · Le travail n’a pas commencé et vous renoncez : /cancel. Une fois commencé, l’arrêter ne donne pas droit à un remboursement.

    { $stars ->
        [yes] Les remboursements reviennent sur votre solde de Stars. Les paiements faits ici ne concernent que vous et ce bot : le support de la plateforme ne peut rien pour eux.
       *[no] L’argent revient par où vous avez payé. Les paiements faits ici ne concernent que vous et ce studio : le support de la plateforme ne peut rien pour eux.
    }
paysupport-none =
    Je ne trouve ici aucune commande que vous auriez payée.{ $staffed ->
        [yes] { " " }Si vous avez payé, demandez à quelqu’un de l’équipe, et dites-lui quand, combien, et le numéro du reçu.
       *[no] { "" }
    }
paysupport-button-orders = Mes commandes
paysupport-button-cancel = Annulation ou remboursement
