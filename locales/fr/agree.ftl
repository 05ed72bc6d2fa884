# What happens to the photos, the consents, and the word for the person.
terms =
    Ce que deviennent vos photos, en clair :

    En bref : vos photos servent à votre avatar ou à votre vidéo, à rien d’autre, et sont effacées dès que c’est fait.
    Si l’avatar échoue, tout votre argent vous est rendu ; /erase efface tout, à tout moment.

    · Des adultes seulement. Pour un avatar, uniquement des photos de vous ; pour animer une photo, je demande chaque fois qui est dessus.
    · Elles servent à faire votre avatar numérique, ou votre vidéo, et à rien d’autre. Elles n’entraînent aucun autre modèle ; une photo à animer n’en entraîne aucun.
    · Elles sont chiffrées. Elles sont effacées dès que l’avatar est fait, ainsi qu’en cas d’échec, d’annulation, ou après { $hours ->
            [one] { $hours } heure
           *[other] { $hours } heures
        } sans paiement. Vous recevez un reçu. Une photo animée est effacée dès que sa vidéo est prête.
    · Je repère les visages pour recadrer les photos, compter les personnes et voir si une photo convient : visage dégagé, pas de doublon, un adulte. Pendant l’apprentissage, je regarde aussi ce que fait le visage (expression, orientation, yeux et bouche), pour que les grimaces comptent moins ; c’est aussitôt oublié. Pour le contrôle, je garde avec chaque photo ce que j’y ai trouvé : l’orientation du visage, sa taille dans l’image, à quel point il paraît jeune, et des sommes de contrôle de l’image et du visage. Tout cela est supprimé au plus tard avec les photos de la commande. Les sommes de contrôle ne sont comparées qu’à celles de vos autres photos de la même commande, pour repérer une photo envoyée deux fois, et jamais utilisées pour savoir qui est quelqu’un. Aucun point clé ni aucun gabarit biométrique du visage n’est conservé.
    · Personne d’autre que vous ne voit vos photos, votre avatar ni vos portraits. Une seule exception : si le contrôle hésite à accepter des photos, un membre de l’équipe regarde ces photos-là, et aucune autre.
    · Les portraits sont à vous. Les partager ne dépend que de vous.
    · La loi impose la mention « généré par IA » sur chaque portrait et chaque vidéo. Merci de la laisser.
    · Les portraits sont peints. Ce ne sont pas des photos d’identité, et ne les utilisez pas pour un contrôle facial. Je n’échange pas de visages.
    · Si l’avatar échoue, vous êtes intégralement remboursé, automatiquement. Si un portrait ou une vidéo échoue, ses crédits vous reviennent.
    · Si vous arrêtez vous-même une commande payée (/cancel, /revoke ou /erase), vous récupérez tout votre argent tant que le travail sur l’avatar n’a pas commencé. Une fois commencé, le travail s’arrête et tout est effacé, mais l’argent n’est pas rendu.
    · /erase efface tout, à tout moment.

    Cela vous convient-il ?
terms-button-yes = Oui, et je suis majeur(e)
terms-button-no = Non
terms-button-privacy = Protection des données
terms-changed = Les conditions ont changé depuis que vous les avez acceptées ; je vous les présente donc à nouveau. Ce que vous avez déjà payé continue aux conditions que vous aviez acceptées.
terms-agreed = Vous avez déjà accepté ces conditions (version { $version }).
terms-declined = Aucun problème. Je ne prends et ne garde aucune photo. Si vous changez d’avis, il suffit de les relire.
terms-button-again = Relire
terms-prompt = Lisez les conditions ci-dessus, puis choisissez « Oui » pour continuer, ou « Non » sinon.
terms-prompt-changed = Les conditions ont changé depuis que vous les avez acceptées. Lisez les nouvelles, puis choisissez « Oui » pour continuer, ou « Non » sinon.

training-ask =
    Encore une question, à part, parce qu’il s’agit de votre visage :

    Acceptez-vous que j’entraîne, à partir des photos que vous m’enverrez, un avatar numérique qui n’appartient qu’à vous ?

    Vous pouvez refuser, mais alors je ne peux pas faire d’avatar. Vous pouvez retirer votre accord à tout moment avec /revoke : le travail en cours s’arrête et l’avatar terminé est effacé. Le prix d’un travail commencé n’est alors pas remboursé.
training-button-yes = Oui, faites mon avatar
training-button-no = Pas maintenant
training-declined = Très bien, pas de photos pour l’instant. Quand vous voudrez, dites-le-moi.
training-button-again = J’y réfléchis encore
training-prompt = Il ne manque que cet accord, donné à part, pour envoyer vos photos.

-privacy-clips = Vidéos : seulement avec votre accord séparé. La photo est chiffrée avec une clé à elle ; clé et photo sont détruites quand la vidéo est prête, échoue ou est abandonnée. Les points relevés sur les visages n’existent qu’en mémoire pendant qu’ils bougent ; ils ne sont ni conservés ni transmis. Avec une vidéo je garde qui, selon vous, est dessus (vous, une personne vivante ou décédée), le mouvement, le nombre de visages et ce qui a été réparé ; rien sur leur identité.
privacy =
    Protection des données

    Ce que je garde : votre identifiant sur cette plateforme, votre langue, vos accords, vos commandes et la comptabilité ; le mot choisi pour la personne, la ressemblance et la retouche voulues, l’expression de chaque série ; et, si le lien d’un ami vous a amené, de qui il était. Ni votre nom, et de ce que vous écrivez ceci seulement : que vous avez moins de 18 ans, si vous le dites ; si vous demandez une image avec vos mots, ce que j’en ai compris, chiffré, pour pouvoir la repeindre ; sans commande, un jour environ, et pour rien d’autre ; et si vous demandez quelqu’un du studio, vos messages, chiffrés, 30 jours.
    Photos : chiffrées avec une clé propre à chaque commande. Une fois l’avatar fait, la clé et les photos sont détruites.
    Contrôle des photos : pendant l’apprentissage je regarde aussi, en mémoire seulement, l’expression, l’orientation, les yeux et la bouche, et je l’oublie. Je garde avec chaque photo ce que le contrôle y a trouvé (l’orientation du visage, sa taille dans l’image, à quel point il paraît jeune, ou le motif du refus) et des sommes de contrôle de l’image et du visage. Celles-ci ne sont comparées qu’au sein de la commande, pour repérer une photo envoyée deux fois. Tout est supprimé au plus tard avec la clé de la commande.
    Apprentissage : c’est seulement avec votre accord, séparé et explicite, que j’entraîne un avatar (un petit modèle, un LoRA) sur les photos envoyées pour cela. Il n’appartient qu’à vous, elles n’entraînent aucun autre modèle, et /revoke retire l’accord à tout moment : il est alors effacé.
    Comparaison : deux accords de plus, facultatifs. L’un : si vous le demandez avant de payer, les photos d’un avatar sont comparées entre elles ; je note avec elles lesquelles se ressemblent. L’autre : les premiers portraits sont comparés une fois aux photos. L’empreinte faciale n’existe alors qu’en mémoire, ni conservée ni transmise. La ressemblance est comptée par cinq clients au moins, sans dire de qui. Les portraits suivants ne sont pas comparés. Changez d’avis ci-dessous ; votre avatar reste.
    { -privacy-clips }
    Avatar, portraits et vidéos : conservés chiffrés jusqu’à ce que vous les effaciez.
    Paiements : la caisse de votre plateforme encaisse et me donne son numéro et le montant. Je ne vois ni carte ni nom. Pour rembourser, je note quelle conversation a payé.
    Contre les excès : ce qu’on me demande est compté sous une empreinte à clé de votre identifiant et de votre adresse réseau, pendant un jour au plus ; ces comptes survivent à un effacement.
    Messages : si la plateforme limite les miens, je garde ainsi quand vous puis moi avons écrit, deux semaines au plus.
    Comptabilité : la loi oblige à la conserver. Elle contient des numéros et des montants, pas votre identité.
    Après /erase : une empreinte à clé de votre identifiant sur cette plateforme reste { $days } jours. Elle dit que vous êtes déjà venu, pour que personne ne passe deux fois pour un nouveau venu. Si le compte ne pouvait plus passer de commande, elle le dit aussi et reste { $years } ans. Personne ne peut en tirer votre identifiant ; ensuite elle est supprimée.
    Conversations reliées : seulement si vous en reliez plusieurs (/link). Je garde alors lesquelles sont à vous, quand vous êtes venu en dernier dans chacune, et laquelle a payé, pour les remboursements. /unlink met fin au lien, /erase supprime tout cela. D’un code, une empreinte à clé reste quelques minutes.
    Qui traite tout cela : nos propres serveurs, personne d’autre.
    Vos droits : /mydata montre ce qui est conservé, /erase efface tout, /revoke retire votre accord.
privacy-button-terms = Que deviennent mes photos

subject-ask =
    Comment désigner la personne sur les photos ? Cela n’influe que sur le dessin et sur les styles proposés en premier.
subject-button-woman = Femme
subject-button-man = Homme
subject-button-person = Aucun des deux / ne pas préciser
subject-prompt = Choisissez, et vous pourrez aussitôt envoyer vos photos.

revoke-ask =
    Retirer votre accord pour l’avatar fait à partir de vos photos ?

    Dans ce cas : une commande impayée est annulée et ses photos effacées ; l’avatar terminé et ses portraits sont effacés pour toujours. Enregistrez d’abord les portraits que vous voulez garder.

    { $fate ->
        [loss] Le travail sur votre avatar a commencé. Il s’arrête, tout est effacé, et les { $lost } payés ne sont pas remboursés.
        [refund] La commande est annulée et vous récupérez la totalité, { $back }.
        [owed] { money-owed }
       *[yes] Aucune commande inachevée n’est payée : il n’y a rien à rembourser.
    }
revoke-button-yes = Retirer et effacer
revoke-button-no = Conserver
revoke-kept = Très bien, rien n’a changé.
revoke-done =
    Accord retiré. Je n’utilise plus ni vos photos ni votre avatar ; ils sont en cours d’effacement. Si vous changez d’avis, vous pourrez accepter de nouveau.

    { $fate ->
        [loss] Le travail commencé est arrêté. Les { $lost } payés pour lui ne sont pas remboursés.
        [refund] Vos { $back } vous sont rendus.
        [owed] { money-owed }
       *[yes] Aucune commande inachevée n’était payée : il n’y a rien à rembourser.
    }
revoke-none = Vous n’avez pas donné cet accord : il n’y a rien à retirer.

closed-sales-paused =
    { $hours ->
        [one] Un mot avant de commencer : le studio ne prend pas de nouvelle commande pour le moment. Vous pouvez tout découvrir et vous préparer, puis payer à la réouverture ; sans paiement, les photos sont effacées après { $hours } heure.
       *[other] Un mot avant de commencer : le studio ne prend pas de nouvelle commande pour le moment. Vous pouvez tout découvrir et vous préparer, puis payer à la réouverture ; sans paiement, les photos sont effacées après { $hours } heures.
    }
closed-nobody-works =
    { $hours ->
        [one] Un mot avant de commencer : les machines du studio sont absentes pour l’instant, je ne prends donc pas de nouvelle commande. Vous pouvez tout découvrir et vous préparer, puis payer à leur retour ; sans paiement, les photos sont effacées après { $hours } heure.
       *[other] Un mot avant de commencer : les machines du studio sont absentes pour l’instant, je ne prends donc pas de nouvelle commande. Vous pouvez tout découvrir et vous préparer, puis payer à leur retour ; sans paiement, les photos sont effacées après { $hours } heures.
    }
closed-queue-too-long =
    { $hours ->
        [one] Un mot avant de commencer : la file d’attente est d’environ { $span }, je ne prends donc pas de nouvelle commande pour l’instant. Vous pouvez tout découvrir et payer plus tard ; sans paiement, les photos sont effacées après { $hours } heure.
       *[other] Un mot avant de commencer : la file d’attente est d’environ { $span }, je ne prends donc pas de nouvelle commande pour l’instant. Vous pouvez tout découvrir et payer plus tard ; sans paiement, les photos sont effacées après { $hours } heures.
    }
minor-said =
    Je ne fais des portraits et des clips que d’adultes, à partir de 18 ans.{ $held ->
        [0] { " " }Les photos de vous que vous enverrez attendront qu’une personne de l’équipe ait vu que vous êtes adulte ; d’ici là, rien ne peut être réglé pour elles.
        [one] { " " }Votre photo, comme celles que vous enverrez d’ici là, attend qu’une personne de l’équipe l’ait regardée ; avant cela, rien ne peut être réglé.
       *[other] { " " }Vos photos, comme celles que vous enverrez d’ici là, attendent qu’une personne de l’équipe les ait regardées ; avant cela, rien ne peut être réglé pour elles.
    }{ $told ->
        [yes] { " " }Je signale à une personne de l’équipe ce que vous dites de votre âge. Si j’ai mal compris, dites-le à quelqu’un de l’équipe ;
       *[no] { " " }Pour l’instant, je ne peux joindre personne au studio ;
    } /erase efface tout.
