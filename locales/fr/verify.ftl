# /verify : ce que prouvent les marques d’un fichier, dans une discussion, à la page /verify et en ligne de commande.
verify-ask =
    Envoyez-moi une image ou une vidéo et je vous dirai si le fichier vient de moi et s’il a été modifié depuis. Je lis ses marques, ne regarde rien d’autre et ne garde rien.

    Envoyez-le comme fichier, pas comme photo ni comme vidéo : les messageries les réencodent, et les marques se perdent.
verify-ask-pictures =
    Envoyez-moi une image et je vous dirai si elle vient de moi et si elle a été modifiée depuis. Je lis ses marques, ne regarde rien d’autre et ne garde rien.

    Cette messagerie réencode les photos, et les marques se perdent le plus souvent. Si vous avez le fichier d’origine, vérifiez-le ici : { $page }
verify-button-again = Vérifier un autre fichier

verify-ours = Oui : ce fichier vient de nous. Ni ce qu’il montre ni ce que disent ses marques n’ont été modifiés depuis que nous l’avons remis.
verify-changed = Ce fichier porte une marque de chez nous, mais elle ne lui correspond pas : soit il a été modifié après notre signature, soit la marque vient d’un autre de nos fichiers. Rien n’est donc prouvé sur ce que vous voyez.
verify-made-for = La marque a été faite pour :
verify-claimed = Ce fichier dit venir de nous, mais aucune signature de notre part ne le prouve. N’importe qui peut écrire une telle marque : prenez-la pour une simple affirmation.
verify-others = Ce fichier porte une marque, mais pas la nôtre. Je ne peux pas dire si elle est vraie.
verify-none =
    Aucune marque que je sache lire. Cela ne prouve rien : les messageries les retirent en compressant photos et vidéos, et n’importe qui peut les enlever. Le fichier vient peut-être de nous, peut-être pas.
verify-states-painted = Sa marque affirme : généré par IA.
verify-states-retouched = Sa marque affirme : un contenu réel, modifié par IA.
verify-kind-portrait = un portrait de notre studio
verify-kind-sample = un essai d’un avatar en cours d’entraînement
verify-kind-preview = l’image d’exemple d’un style
verify-kind-sheet = une planche-contact
verify-kind-clip = une vidéo de notre studio
verify-kind-poster = une image fixe tirée d’une vidéo de notre studio
verify-kind-together = deux photos réunies dans une même image par notre studio
verify-painted = peint par Eider : entièrement généré par IA
verify-retouched = retouché par Eider : l’IA en a fait une partie
verify-moved = animé par Eider : une vraie photo, dont aucune caméra n’a filmé le mouvement
verify-day = fait le { $day }
verify-whose = Je ne dis à personne à qui appartient ce fichier.
verify-unreadable = Je ne peux pas lire ce fichier. Je vérifie les images JPEG, PNG, WebP, AVIF et HEIC, et les vidéos MP4 et MOV.
verify-too-large = Ce fichier est trop lourd : je peux vérifier jusqu’à { $megabytes } Mo.

verify-page-title = Cette image ou cette vidéo vient-elle d’Eider ?
verify-page-about = Choisissez le fichier tel que vous l’avez reçu. Je lis ses marques et vous dis s’il vient de nous et s’il a été modifié depuis. Il n’est pas conservé, et je ne dis à personne à qui il est.
verify-page-choose = Image ou vidéo
verify-page-button = Vérifier
verify-page-busy = Vérification …
verify-page-trouble = Cela n’a pas marché. Réessayez dans un instant.
verify-page-wait = Trop de fichiers pour le moment. Réessayez dans { $wait }.
