# Sending photos: how, the running count, what is wrong with which, what is still missing.
photos-ask =
    Envoyez-moi maintenant vos photos : { $asked }, c’est l’idéal ; { $minimum }, le minimum. Une par une ou toutes ensemble, comme vous voulez.

    De bonnes photos :
    · personne d’autre que vous, le visage net, sans main, masque ni lunettes de soleil devant
    · de face, de gauche et de droite ; certaines de près, d’autres à mi-corps
    · le visage calme ou un léger sourire, les yeux ouverts vers l’objectif : une grimace m’apprend vos traits, mais c’est des visages calmes que vient l’air des portraits
    · des jours, des vêtements et des lumières différents
    · pas de filtre de beauté marqué, sinon les portraits ne vous ressembleront pas
photos-tips =
    Pour la meilleure ressemblance :

    Placez-vous près d’une fenêtre, face à la lumière, et faites-vous photographier, ou calez le téléphone. Gardez le visage calme, souriez légèrement sur quelques photos et regardez l’objectif : l’air des portraits vient de là, un clin d’œil ou une grimace y reviendrait. Commencez de face, puis tournez lentement à gauche et à droite, quelques photos chaque fois. De près pour le visage, d’un pas en arrière pour le buste. Changez de vêtements et de pièce, et recommencez.
    Pas de mode beauté. Les photos de l’année passée dans votre album conviennent aussi ; envoyées comme fichiers, elles sont plus nettes.
photos-tips-pictures =
    Pour la meilleure ressemblance :

    Placez-vous près d’une fenêtre, face à la lumière, et faites-vous photographier, ou calez le téléphone. Gardez le visage calme, souriez légèrement sur quelques photos et regardez l’objectif : l’air des portraits vient de là, un clin d’œil ou une grimace y reviendrait. Commencez de face, puis tournez lentement à gauche et à droite, quelques photos chaque fois. De près pour le visage, d’un pas en arrière pour le buste. Changez de vêtements et de pièce, et recommencez.
    Pas de mode beauté. Les photos de l’année passée dans votre album conviennent aussi ; envoyez-les en taille réelle si votre messagerie le permet : elles sont plus nettes.
photos-button-tips = Réussir mes photos
photos-button-done = Utiliser celles-ci
photos-button-cancel = Annuler
photos-prompt = Continuez d’envoyer vos photos, puis choisissez « Utiliser celles-ci ».
photos-prompt-few = Envoyez-moi simplement des photos. Nous continuerons dès que { $minimum } seront utilisables.

tally-none = Aucune photo n’est encore arrivée.
tally-head =
    { $sent ->
        [one] { $sent } photo reçue, { $accepted } utilisable.
       *[other] { $sent } photos reçues, { $accepted ->
            [one] { $accepted } utilisable.
           *[other] { $accepted } utilisables.
        }
    }
tally-checking = J’en regarde encore { $count }…
tally-held =
    { $count ->
        [one] J’hésite sur { $count } photo. Un membre de l’équipe va la regarder, et je vous dirai.
       *[other] J’hésite sur { $count } photos. Un membre de l’équipe va les regarder, et je vous dirai.
    }
tally-held-age =
    { $count ->
        [0] En raison de ce que vous avez dit de votre âge, les photos de vous ne comptent pas avant qu’une personne de l’équipe ait vu que vous êtes adulte.
        [one] En raison de ce que vous avez dit de votre âge, { $count } photo attend une personne de l’équipe. Rien d’autre à envoyer pour l’instant.
       *[other] En raison de ce que vous avez dit de votre âge, { $count } photos attendent une personne de l’équipe. Rien d’autre à envoyer pour l’instant.
    }
tally-flaws = Non retenues :
tally-numbers = { $flaw } (nº { $numbers })
tally-need =
    { $missing ->
        [one] Encore { $missing } photo utilisable et le minimum de { $minimum } est atteint.
       *[other] Encore { $missing } photos utilisables et le minimum de { $minimum } est atteint.
    }
tally-enough = De quoi commencer. Avec { $asked }, ce sera plus ressemblant : il en manque { $missing }.
tally-full = C’est parfait : il y en a { $accepted }.
tally-wishes = Si vous en avez, voici ce qui aiderait le plus : { $wishes }.
photos-done-waits = J’en regarde encore { $checking }. Dès que c’est fait, je continue tout seul.
ended-tally =
    { $how ->
        [paid]
            { $sent ->
                [one] { $sent } photo reçue, { $accepted } utilisée.
               *[other] { $sent } photos reçues, { $accepted } utilisées.
            }
       *[ended] Cette commande ne prend plus de photos.
    }

flaw-unreadable =
    { $count ->
        [one] { $count } ne s’ouvre pas, peut-être est-elle arrivée incomplète : renvoyez-la, ou sinon en JPEG, PNG, WebP, HEIC ou AVIF
       *[other] { $count } ne s’ouvrent pas, peut-être sont-elles arrivées incomplètes : renvoyez-les, ou sinon en JPEG, PNG, WebP, HEIC ou AVIF
    }
flaw-video =
    { $count ->
        [one] { $count } est une vidéo : seules les photos comptent
       *[other] { $count } sont des vidéos : seules les photos comptent
    }
flaw-bomb =
    { $count ->
        [one] { $count } a un nombre de pixels anormal : réduisez-la d’abord
       *[other] { $count } ont un nombre de pixels anormal : réduisez-les d’abord
    }
flaw-too_small =
    { $count ->
        [one] { $count } est trop petite : envoyez l’original, pas une vignette
       *[other] { $count } sont trop petites : envoyez les originaux, pas des vignettes
    }
flaw-too_narrow =
    { $count ->
        [one] { $count } est une longue bande : recadrez-la sur le visage et les épaules
       *[other] { $count } sont de longues bandes : recadrez-les sur le visage et les épaules
    }
flaw-too_large =
    { $count ->
        [one] { $count } est un fichier trop lourd : compressez-la, ou envoyez-la comme photo
       *[other] { $count } sont des fichiers trop lourds : compressez-les, ou envoyez-les comme photos
    }
flaw-painted =
    { $count ->
        [one] { $count } est une image créée par IA, d’après sa marque : envoyez une photo prise par un appareil
       *[other] { $count } sont des images créées par IA, d’après leurs marques : envoyez des photos prises par un appareil
    }
flaw-no_face =
    { $count ->
        [one] { $count } ne montre aucun visage visible : prenez-en une où le vôtre est net et dégagé
       *[other] { $count } ne montrent aucun visage visible : prenez-en où le vôtre est net et dégagé
    }
flaw-several_faces =
    { $count ->
        [one] { $count } montre plusieurs personnes : recadrez-la pour ne garder que vous
       *[other] { $count } montrent plusieurs personnes : recadrez-les pour ne garder que vous
    }
flaw-face_too_small =
    { $count ->
        [one] { $count } montre un visage trop petit : approchez-vous ou recadrez
       *[other] { $count } montrent un visage trop petit : approchez-vous ou recadrez
    }
flaw-covered =
    { $count ->
        [one] { $count } montre les yeux ou la bouche cachés : ôtez lunettes de soleil ou masque, sans rien devant le visage
       *[other] { $count } montrent les yeux ou la bouche cachés : ôtez lunettes de soleil ou masque, sans rien devant le visage
    }
flaw-blurred =
    { $count ->
        [one] { $count } est floue : plus de lumière, et la main stable
       *[other] { $count } sont floues : plus de lumière, et la main stable
    }
flaw-duplicate =
    { $count ->
        [one] { $count } est en double, ou presque : changez d’angle ou de jour
       *[other] { $count } sont en double, ou presque : changez d’angle ou de jour
    }
flaw-indecent =
    { $count ->
        [one] { $count } ne convient pas : restez en tenue, s’il vous plaît
       *[other] { $count } ne conviennent pas : restez en tenue, s’il vous plaît
    }
flaw-minor =
    { $count ->
        [one] { $count } semble montrer un mineur : je ne prends que des photos d’adultes
       *[other] { $count } semblent montrer un mineur : je ne prends que des photos d’adultes
    }
flaw-taken_out =
    { $count ->
        [one] { $count } retirée par vous
       *[other] { $count } retirées par vous
    }
flaw-surplus =
    { $count ->
        [one] { $count } n’a pas été prise : { $maximum } au plus
       *[other] { $count } n’ont pas été prises : { $maximum } au plus
    }

wish-front = une de face
wish-profile_left = une de profil, tournée vers la gauche
wish-profile_right = une de profil, tournée vers la droite
wish-close_up = un gros plan du visage
wish-half_body = une à mi-corps

photo-unreadable = Je n’ai pas pu ouvrir l’une d’elles.
photo-video = L’un de ces fichiers est une vidéo : seules les photos me servent.
photo-bomb = L’une d’elles a un nombre de pixels anormal ; je ne l’ai pas ouverte.
photo-too-small = L’une d’elles est trop petite pour qu’on y voie un visage.
photo-too-narrow = L’une d’elles est une longue bande, où un visage est trop petit. Recadrez-la sur le visage et les épaules.
photo-painted = L’une d’elles porte une marque qui dit qu’elle a été créée par IA : c’est une image peinte. Envoyez une photo de vous prise par un appareil ; une photo seulement retouchée convient.
photo-too-large = L’une d’elles est trop lourde : je peux recevoir { $megabytes } Mo au plus.
photo-not-fetched = Une photo n’est pas arrivée, sans doute à cause du réseau. Renvoyez-la, s’il vous plaît.
photo-before-consent = Je n’ai ni ouvert ni gardé cette photo. Choisissez d’abord ce qu’il faut en faire et donnez votre accord, puis renvoyez-la.
photo-before-subject = Nous y sommes presque. Je n’ai pas encore ouvert celle-ci : choisissez ci-dessous, puis renvoyez-la.
photo-while-waiting = Votre avatar est déjà en cours ; cette photo ne m’est plus utile et je ne l’ai pas prise.
photo-in-studio = Votre avatar est fait et n’a plus besoin de photos ; je n’ai pas pris celle-ci. Pour l’animer, choisissez « Animer une photo » ; pour un autre avatar, « Nouvel avatar ».
photo-before-relation = Je n’ai pas encore ouvert cette photo. Dites d’abord qui est dessus, puis renvoyez-la.
photo-while-erasing = Vous alliez tout effacer, je n’ai donc pas pris cette photo. Effacer, ou conserver ?

few-honest =
    Pour être franc, { $accepted ->
        [one] seule { $accepted } photo est utilisable.
       *[other] { $accepted } photos sont utilisables.
    } C’est possible, mais au-dessous de { $asked } la ressemblance en souffre un peu, surtout de profil et dans les expressions. Envoyez-en encore { $missing } si vous pouvez, ou continuons avec celles-ci.
few-button-go = C’est tout, passer au paiement
photos-too-young = Je ne fais d’avatar que pour des adultes, et plusieurs de ces photos semblent montrer un mineur. Nous pourrons continuer quand un membre de l’équipe les aura regardées, ou avec des photos de vous adulte. Rien n’a été débité.
photos-stated-minor = Je ne fais d’avatar que pour des adultes, et vous avez dit avoir moins de 18 ans. Nous ne pourrons continuer que lorsqu’une personne de l’équipe aura regardé. Rien n’a été débité.

# What became of one photo, at that photo.
fate-one = 1
fate-rejected = Pas comptée : la photo { $number } { $why }.
fate-checking = Photo { $number } : je la regarde.
fate-accepted = La photo { $number } est comptée.
fate-held = J’hésite sur la photo { $number }. Une personne de l’équipe la regardera, et je vous dirai.
fate-held-age = La photo { $number } attend une personne de l’équipe, en raison de ce que vous avez dit de votre âge.
fate-taken-out = Photo { $number } : retirée par vous.
fate-surplus = Photo { $number } : pas prise, il y en a assez.

# The album of usable photos, before paying.
faces-ask =
    { $count ->
        [one] Est-ce bien vous ? { $count } photo convient ; son numéro dit son rang d’arrivée.
       *[other] Est-ce bien vous sur toutes ? { $count } photos conviennent ; les numéros suivent l’ordre d’arrivée.
    }
    S’il y a quelqu’un d’autre, retirez cette photo avant de payer. Je viens de composer cette planche et n’en garde aucune copie. Là où votre messagerie le permet, je la retire dès que vous avez payé ou annulé ; sinon elle reste jusqu’à ce que vous la supprimiez.
faces-ask-typed =
    { $count ->
        [one] Est-ce bien vous ? { $count } photo convient ; son numéro dit son rang d’arrivée.
       *[other] Est-ce bien vous sur toutes ? { $count } photos conviennent ; les numéros suivent l’ordre d’arrivée.
    }
    S’il y a quelqu’un d’autre, écrivez « retirer 3 et 7 » avant de payer. Je viens de composer cette planche et n’en garde aucune copie. Là où votre messagerie le permet, je la retire dès que vous avez payé ou annulé ; sinon elle reste jusqu’à ce que vous la supprimiez.
faces-pick = Sur lesquelles n’est-ce pas vous ? Choisissez les numéros ci-dessous, ou écrivez-les : « 3, 7 ». Ce que vous retirez est effacé aussitôt.
faces-pick-typed = Sur lesquelles n’est-ce pas vous ? Écrivez « retirer 3 et 7 », avec leurs numéros. Ce que vous retirez est effacé aussitôt.
faces-alt =
    { $count ->
        [one] Une planche numérotée de { $count } photo
       *[other] Une planche numérotée de { $count } photos
    }
faces-button-out = Pas moi sur certaines
faces-button-done = C’est moi sur toutes
faces-button-compare = Les comparer pour moi
faces-button-again = Comparer encore
faces-button-marked = Retirer celles marquées
faces-button-rest = Ce sont les autres qui ne sont pas moi
faces-button-keep = Les garder, c’est moi
faces-comparing = Je compare en ce moment ces photos entre elles, puis je vous dis ce qu’il en est.
faces-alike = J’ai comparé ces photos entre elles : aucune ne me paraît différente des autres. Je peux me tromper.
faces-marked =
    { $two ->
        [yes] On dirait des personnes différentes : les photos { $numbers } me paraissent différentes des autres et sont marquées. Je ne peux pas savoir laquelle vous êtes : retirez les photos des autres.
       *[no] { $count ->
            [one] La photo { $numbers } me paraît différente des autres et est marquée ; je peux me tromper. La retirer ?
           *[other] Les photos { $numbers } me paraissent différentes des autres et sont marquées ; je peux me tromper. Les retirer ?
        }
    }
faces-unclear = Sans visage à comparer : { $numbers }.
faces-left-out =
    { $count ->
        [one] { $count } photo n’a pas encore été comparée.
       *[other] { $count } photos n’ont pas encore été comparées.
    }
faces-taken =
    { $count ->
        [one] La photo { $numbers } est retirée, et sa copie est en cours d’effacement.
       *[other] Les photos { $numbers } sont retirées, et leurs copies sont en cours d’effacement.
    }
faces-turned =
    { $count ->
        [one] La photo { $numbers } n’était pas à l’endroit : je l’y ai remise.
       *[other] Les photos { $numbers } n’étaient pas à l’endroit : je les y ai remises.
    }
faces-unknown = Aucune des photos retenues ne porte ce numéro.
ended-album = La planche de vos photos a été retirée.
ended-step = Cette étape est passée.
ended-taken = Les photos que vous avez retirées ne servent pas.
