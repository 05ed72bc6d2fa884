# A photo or a portrait comes alive: who is on it, the photo, how it moves, the clip.
alive-button = Animer une photo
alive-ask =
    Avant d’animer une photo, une question : qui voit-on dessus ?

    · vous-même,
    · une personne vivante, qui a donné son accord,
    · ou une personne décédée qui vous était proche.
    S’il y a plusieurs personnes, cela doit valoir pour chacune. Adultes seulement ; si j’ai un doute, un membre de l’équipe regarde cette seule photo.

    Ce que devient la photo : elle est conservée chiffrée. Je trouve les visages en mémoire pour les faire bouger, et j’oublie aussitôt les points relevés. Une vieille photo est d’abord réparée. La photo et sa clé sont effacées quand la vidéo est prête, si elle échoue, si vous changez d’avis, ou au bout de { $hours ->
        [one] { $hours } heure
       *[other] { $hours } heures
    }.
    Je fais bouger les visages et la caméra, rien d’autre : pas de voix, pas de paroles prêtées à qui que ce soit, pas d’échange de visages. La vidéo porte la mention « généré par IA » ; laissez-la, s’il vous plaît.

    Votre choix ci-dessous vaut accord. /revoke le retire à tout moment : ce qui n’est pas fini s’arrête, et la photo est effacée.
alive-who-self = C’est moi
alive-who-living = Une personne vivante, qui est d’accord
alive-who-dead = Une personne décédée
alive-prompt = Dites d’abord qui est sur la photo. Ce choix vaut accord.
alive-portrait-ask =
    Animer ce portrait ? Je trouve le visage en mémoire pour le faire bouger, et j’oublie aussitôt les points relevés. Je fais bouger le visage et la caméra, rien d’autre : pas de voix, pas de paroles prêtées. La vidéo porte la mention « généré par IA » ; laissez-la, s’il vous plaît.

    Votre oui vaut accord. /revoke le retire à tout moment.
alive-portrait-prompt = Il ne manque qu’un oui ou un non pour que le portrait bouge.
alive-portrait-yes = Oui, animez-le
alive-button-leave = Laisser tomber
alive-button-on = Poursuivre
alive-send-self = Envoyez maintenant une photo de vous. Le visage doit être net et tourné vers l’objectif. Une photo ancienne ou rayée convient, une photo de groupe aussi.
alive-send-living = Envoyez maintenant une photo de cette personne. Le visage doit être net et tourné vers l’objectif. Une photo ancienne ou rayée convient, une photo de groupe aussi.
alive-send-dead = Envoyez maintenant une photo de cette personne. Le visage doit être net et tourné vers l’objectif. Si c’est un tirage ancien, photographiez-le bien à plat, par-dessus, sous une lumière égale : je retire le bord du papier et les rayures droites, mais une fissure irrégulière ou une déchirure reste.
alive-prompt-photo = Envoyez une photo, et elle s’animera.
alive-looking = Je regarde la photo. Quelques secondes.
alive-one-photo = Une photo à la fois : j’ai pris la première et n’ai pas ouvert celle-ci.
alive-waits-photo = Vous vouliez animer une photo : envoyez-la simplement.
alive-waits = Une de vos photos attend de s’animer. Voulez-vous choisir comment elle bougera ?
alive-left = Très bien, rien ne s’anime pour l’instant.
alive-left-photo =
    { $count ->
        [2] D’accord. Les deux photos sont en cours d’effacement.
       *[other] Très bien. La photo est en cours d’effacement.
    }
alive-withdrawn =
    { $count ->
        [0] Votre accord pour animer des images est retiré. Rien n’était en cours. Les vidéos terminées restent jusqu’à ce que vous les effaciez.
       *[other] Votre accord pour animer des images est retiré. Ce qui n’était pas fini s’est arrêté, les photos sont en cours d’effacement et les crédits réservés vous sont rendus. Les vidéos terminées restent jusqu’à ce que vous les effaciez.
    }
alive-revoke = Retirer mon accord pour animer des images
alive-which = Lequel faut-il animer ? Comptez dans l’ordre de l’album ci-dessus.
alive-nothing = Il n’y a plus de photo en attente. Renvoyez-en une, et elle s’animera.

motions-ask = Comment doit-elle bouger ? Les lettres sont celles des exemples animés.
motions-gift = Cette première vidéo est offerte.
motions-price =
    { $credits ->
        [one] La vidéo coûte { $credits } crédit ; votre solde : { $balance }.
       *[other] La vidéo coûte { $credits } crédits ; votre solde : { $balance }.
    }
motions-camera-only = { $why } Le visage reste donc immobile ; la caméra, elle, peut bouger.
motions-alt = Exemples : tous les mouvements, côte à côte

film-queued =
    { $ahead ->
        [halted] « { $motion } » est dans la file.
        [0] « { $motion } » : c’est parti.
        [one] « { $motion } » est dans la file, { $ahead } vidéo devant.
       *[other] « { $motion } » est dans la file, { $ahead } vidéos devant.
    } { $gift ->
        [yes] Elle est offerte.
       *[no] Crédits réservés : { $credits }.
    }
ended-clip =
    { $how ->
        [done] Cette vidéo est terminée.
        [failed] Cette vidéo n’a pas pu être faite.
       *[cancelled] Cette vidéo a été annulée.
    }
ended-source =
    { $how ->
        [seen] J’ai regardé cette photo.
       *[left] Cette photo a été mise de côté.
    }
film-working = « { $motion } » prend vie : { $percent }.

source-ready =
    { $faces ->
        [0] Voici l’image que je ferai bouger.
        [1] Voici l’image que je ferai bouger, avec un visage.
       *[other] Voici l’image que je ferai bouger. Ses { $faces } visages bougent ensemble.
    }
source-mended = Avant et après : { $done }.
source-mended-not = Les fissures irrégulières, les déchirures et les manques restent tels quels.
source-alt-before = La photo telle qu’elle est arrivée
source-alt-after = La photo telle qu’elle bougera
mended-turned = remise à l’endroit
mended-straightened = redressée
mended-cropped = détachée de son papier
mended-scratches = rayures atténuées
mended-noise = grain atténué
mended-fading = tons passés ravivés
mended-enlarged = agrandie
source-held = J’ai un doute sur cette photo ; un membre de l’équipe la regardera d’abord. Je vous le dirai alors ; rien n’a été débité.
source-refused = { $why } La photo a été effacée, et rien n’a été débité.
source-unreadable = Je n’arrive pas à lire cette photo.
source-crowd = Il y a trop de monde dessus pour que chacun ait donné son accord.
source-indecent = Cette photo n’est pas assez décente pour que je l’anime.
source-minor = Quelqu’un y semble mineur, et je n’anime que des images d’adultes.
source-photo-unreadable = Je n’ai pas pu ouvrir cette photo.
source-photo-video = C’est une vidéo : il me faut une photo.
source-photo-bomb = Elle a un nombre de pixels impossible, je ne l’ai donc pas ouverte.
source-photo-too-small = Elle est trop petite pour qu’on y voie un visage.
source-photo-too-narrow = C’est une longue bande, où un visage est trop petit. Recadrez-la sur le visage et les épaules.
source-photo-painted = Elle porte une mention selon laquelle une IA l’a faite : c’est une image peinte. Envoyez une photo prise par un appareil, s’il vous plaît ; une photo seulement retouchée convient.
source-photo-too-large = Elle est trop lourde : je peux recevoir { $megabytes } Mo au plus.
source-broken = Quelque chose s’est mal passé de mon côté.
source-late = Aucune machine n’a été libre à temps.
source-no_face = Je n’y trouve pas de visage.
source-face_too_small = Le visage y est trop petit pour bien bouger.
source-profile = Le visage est trop de côté pour bien bouger.
source-covered = Quelque chose cache les yeux ou la bouche.
source-face_cut_off = Le bord de l’image coupe le visage.
source-erased =
    { $count ->
        [2] Reçu d’effacement : les deux photos qui devaient s’animer ont disparu, leur clé est détruite. Personne ne peut les rétablir.
       *[other] Reçu d’effacement : la photo à animer a disparu et sa clé est détruite. Personne ne peut la faire revenir.
    }

clip-ready = « { $motion } ». La vidéo est à vous ; laissez la mention « généré par IA », s’il vous plaît.
clip-ready-erased =
    « { $motion } ». La vidéo est à vous ; laissez la mention « généré par IA », s’il vous plaît. { $count ->
        [2] Reçu : la clé des deux photos envoyées est détruite, plus personne ne peut les ouvrir.
       *[other] Reçu : la clé de la photo envoyée est détruite, plus personne ne peut l’ouvrir.
    }
clip-failed =
    Je suis désolé, la vidéo n’a pas pu être faite. { $why } { $back ->
        [gift] Votre cadeau vous reste.
       *[credits] { $credits ->
            [one] { $credits } crédit vous est rendu.
           *[other] { $credits } crédits vous sont rendus.
        }
    }
clip-stopped =
    « { $motion } » est arrêté, aucune vidéo ne sera faite. { $back ->
        [gift] Votre cadeau vous reste.
       *[credits] { $credits ->
            [one] Le crédit vous est rendu.
           *[other] Les { $credits } crédits vous sont rendus.
        }
    }
clip-stop-late = « { $motion } » est déjà en cours, on ne peut plus l’arrêter.
clip-photo-erased =
    { $count ->
        [2] Reçu : la clé des deux photos envoyées est détruite, plus personne ne peut les ouvrir.
       *[other] Reçu : la clé de la photo envoyée est détruite, plus personne ne peut l’ouvrir.
    }
clip-button-again = Autre mouvement
clip-button-photo = Autre photo
clip-button-file = Fichier original
clip-button-file-pictures = Revoir la vidéo
clip-button-share = Partager
clip-file = Le fichier original, avec la mention « généré par IA » que la loi exige ; laissez-la, s’il vous plaît.
clip-file-pictures = La vidéo, avec la mention « généré par IA » que la loi exige ; laissez-la, s’il vous plaît.
clip-alt = Vidéo : { $motion }
clip-none = Il n’y a pas encore de vidéo.
clip-in-album = Elle se joue dans votre album : { $url }
clip-not-sent = La vidéo n’a pas pu être envoyée ici. Répondez « { $word } » pour l’avoir.
share-clip-caption = Animée par Eider · généré par IA

# Two pictures in one frame: who comes beside, their photo.
together-button = Avec une autre personne
together-begin = Deux personnes dans une même image : d’abord la photo de l’une. Dès que je l’ai examinée, choisissez « Avec une autre personne » et envoyez l’autre.
together-button-alone = Finalement sans personne d’autre
together-ask =
    Deux personnes dans une même image, têtes penchées l’une vers l’autre : celle de cette image et celle d’une autre photo. Qui la rejoint ?

    Les mêmes règles que pour la première : c’est vous, ou une personne qui est d’accord, ou un proche décédé ; des adultes seulement. Sa photo est examinée et restaurée, conservée chiffrée, puis effacée avec sa clé quand la vidéo est prête, si elle échoue, si vous changez d’avis ou au bout de { $hours ->
        [one] { $hours } heure
       *[other] { $hours } heures
    }. Chacun garde son visage.

    Votre choix ci-dessous vaut consentement. /revoke le retire à tout moment.
together-prompt = Choisissez d’abord qui rejoint l’image. Ce choix vaut consentement.
together-send-self = Envoyez maintenant la photo de vous à placer à côté : visage net, tourné vers l’appareil, avec un peu d’espace autour.
together-send-living = Envoyez maintenant la photo de la seconde personne : visage net, tourné vers l’appareil, avec un peu d’espace autour.
together-send-dead = Envoyez maintenant la photo de la seconde personne : visage net, tourné vers l’appareil, avec un peu d’espace autour. Un vieux tirage se photographie bien droit, d’en haut.
together-prompt-photo = Envoyez la photo de la seconde personne, ou continuez avec la première seule.
together-ready = Les voilà réunis : leurs têtes se penchent l’une vers l’autre.
together-alt = Les deux photos dans une même image
together-refused = { $why } Reçu : la clé de cette seconde photo est détruite, plus personne ne peut l’ouvrir. La première est toujours là, rien n’a été débité.
source-no_room_beside = La première image laisse trop peu d’espace autour du visage pour placer quelqu’un à côté : elle s’animera seule.

# Une vidéo qu’un modèle génère, là où l’exploitant en vend.
generated-button = Plutôt une vidéo générée
generated-ask = Ici, un modèle de vidéo redessine chaque image d’après la vôtre. Il y a plus de mouvement, et des parties sont inventées : le visage, les mains et ce qui les entoure peuvent être autres qu’ils ne sont. Ni voix ni paroles, et la mention « généré par IA » reste. Choisir ci-dessous vaut accord pour cette image.
generated-price =
    { $credits ->
        [one] Une vidéo générée coûte { $credits } crédit ; vous en avez { $balance }. Si elle échoue, il vous est rendu.
       *[other] Une vidéo générée coûte { $credits } crédits ; vous en avez { $balance }. Si elle échoue, ils vous sont tous rendus.
    }
generated-wait =
    { $known ->
        [no-worker] Aucune machine ne s’en occupe en ce moment, je ne peux donc pas dire quand elle serait prête.
        [no] Je n’en ai pas fait assez ces temps-ci pour dire combien de temps il faut.
       *[yes] Commandée maintenant, elle prendra sans doute { $span }.
    }
generated-button-back = Animer l’image elle-même
generated-on-the-way = Elle est générée : des parties en seront inventées.
generated-made = Générée : des parties en sont inventées.
