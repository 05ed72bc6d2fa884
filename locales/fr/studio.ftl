# The studio: styles, portraits, more like me, more beautiful, the avatar.
studio =
    { $cost ->
        [one] Votre avatar est prêt. Que faisons-nous ? Une série de { $portraits } portraits coûte { $cost } crédit ; votre solde : { $balance }.
       *[other] Votre avatar est prêt. Que faisons-nous ? Une série de { $portraits } portraits coûte { $cost } crédits ; votre solde : { $balance }.
    }
studio-prompt = Choisissez un autre style, donnez une autre expression à la dernière série, ou rendez-la plus ressemblante ou plus flatteuse.
studio-button-styles = Styles
studio-button-avatar = Mon avatar
studio-button-credits = Crédits
studio-button-new = Nouvel avatar

styles-page =
    { $cost ->
        [one] Styles, page { $page } sur { $pages }. Choisissez-en un et la série se fait, { $cost } crédit chacune :
       *[other] Styles, page { $page } sur { $pages }. Choisissez-en un et la série se fait, { $cost } crédits chacune :
    }
styles-not-shown =
    Pas encore : ces styles demandent un modèle d’image plus grand que le mien, qui ne leur rendrait pas justice : { $names }. Je ne vends pas ce que je ne sais pas bien faire.
firsts-page = Quel style pour vos premiers portraits ? (Page { $page } sur { $pages }.) Tous sont compris dans le prix :
first-chosen = Entendu : vos premiers portraits seront en « { $style } ».
first-not-shown = « { $style } » demande un modèle d’image plus grand que le mien. Choisissez un autre style pour vos premiers portraits.
first-not-suited = « { $style } » ne va pas avec votre choix (femme, homme ou ni l’un ni l’autre). Choisissez-en un autre pour vos premiers portraits.
first-button-others = Changer le premier style
style-button-shoot =
    { $cost ->
        [one] Faire cette série · { $cost } crédit
       *[other] Faire cette série · { $cost } crédits
    }
styles-button-next = Suivants
styles-button-previous = Précédents
style-not-shown =
    « { $style } » demande un modèle d’image plus grand que le mien. Je ne lui rendrais pas justice et ne prends donc pas vos crédits. Un autre style ?

shoot-queued =
    { $ahead ->
        [halted] « { $style } » est dans la file. Crédits réservés : { $credits } ; restants : { $balance }.
        [0] « { $style } », c’est parti. Crédits réservés : { $credits } ; restants : { $balance }.
        [one] « { $style } » est dans la file, { $ahead } série devant. Crédits réservés : { $credits } ; restants : { $balance }.
       *[other] « { $style } » est dans la file, { $ahead } séries devant. Crédits réservés : { $credits } ; restants : { $balance }.
    }
ended-shoot =
    { $how ->
        [done] Ces portraits sont terminés.
        [failed] Ces portraits n’ont pas pu être faits.
       *[cancelled] Ces portraits ont été annulés.
    }
shoot-working = « { $style } » est en cours : { $percent }.
shoot-offer =
    { $cost ->
        [one] Une nouvelle série « { $style } », { $portraits } portraits, coûte { $cost } crédit ; votre solde : { $balance }. On la fait ?
       *[other] Une nouvelle série « { $style } », { $portraits } portraits, coûte { $cost } crédits ; votre solde : { $balance }. On la fait ?
    }
shoot-already = Cette série « { $style } » est déjà en cours. Attendez-la avant de choisir de nouveau ; rien de plus n’a été pris.
shoot-one-expression = « { $style } » n’a qu’une expression : il n’y en a pas d’autre à choisir. Rien n’a été pris.
shoot-liker = C’est fait : force de l’avatar { $strength_before } → { $strength } sur { $top }, retouche { $beauty_before } → { $beauty }, et je m’en souviendrai.
shoot-fairer = C’est fait : retouche { $beauty_before } → { $beauty }, force de l’avatar { $strength_before } → { $strength } sur { $top }, et je m’en souviendrai.
# Below portraits: what a button does to both numbers.
shoot-next = Avec « { $label } » ensuite : force de l’avatar { $strength } sur { $top }, retouche { $beauty }.
shoot-expression =
    Cette fois, { $expression ->
        [neutral] un visage calme.
        [smile] un sourire.
       *[soft_smile] un léger sourire.
    }

portraits = { $style }. Force de l’avatar { $strength } sur { $top }, retouche { $beauty }.
portraits-first =
    Vos premiers portraits : { $style }. Force de l’avatar { $strength } sur { $top }, légère retouche ({ $beauty }). Pas tout à fait vous ? Choisissez « Plus ressemblant », autant de fois qu’il faut, jusqu’au maximum ; « Plus flatteur » retouche davantage.
portraits-fewer =
    { $credits ->
        [one] Je suis désolé : portraits de cette série qui ont passé mon propre contrôle : { $came } sur { $asked }. Je ne livre pas les autres ; { $credits } crédit vous est rendu.
       *[other] Je suis désolé : portraits de cette série qui ont passé mon propre contrôle : { $came } sur { $asked }. Je ne livre pas les autres ; { $credits } crédits vous sont rendus.
    }
portraits-button-more = Plus ressemblant
portraits-button-fairer = Plus flatteur
portraits-button-again = Une autre série
portraits-button-expression = Autre expression
button-cost =
    { $cost ->
        [one] { $label } · { $cost } crédit
       *[other] { $label } · { $cost } crédits
    }
portraits-button-styles = Autre style
portraits-button-originals = Fichiers d’origine
portraits-button-originals-pictures = Revoir la série
portraits-button-alive = L’animer
portraits-button-share = Partager
portraits-button-avatar = Mon avatar
portraits-button-album = Ouvrir mon album
portraits-alt = { $style }, image { $number }
originals = Les fichiers d’origine, { $width } × { $height } pixels, avec la mention « généré par IA » que la loi impose ; merci de la laisser. Ils sont à vous.
originals-pictures = La série, { $width } × { $height } pixels, avec la mention « généré par IA » que la loi impose ; merci de la laisser. Les portraits sont à vous.
album-link = Tous les portraits et les fichiers d’origine sont dans votre album : { $url }
album-more = Il en reste { $count }, faute de place. Répondez « { $word } » pour voir toute la série.
album-rest =
    { $count ->
        [one] { $count } autre n’a pas été envoyé ici : il est dans l’album.
       *[other] { $count } autres n’ont pas été envoyés ici : ils sont dans l’album.
    }
sets-last = Les choix ci-dessous portent sur la dernière de ces séries.
pictures-missing = Les images ne partent pas en ce moment. Réessayez dans un instant.
originals-none = Il n’y a pas encore de portraits à télécharger.
preview-alt = Exemple : { $style }

avatar-card =
    Votre avatar numérique
    Fait le : { $day }
    Étapes d’apprentissage : { $steps }, en { $span }
    Force : { $strength } sur { $top } (un réglage : la part de l’avatar dans chaque portrait)
    Retouche : { $beauty }
    Portraits jusqu’ici : { $portraits }
avatar-none = Vous n’avez pas encore d’avatar. Tout commence par des photos ; je vous accompagne.
new-ask =
    Un nouvel avatar demande de nouvelles photos et encore { $price }. L’actuel reste jusqu’à ce que le nouveau soit prêt.
new-button-yes = Oui, recommencer
new-already = Une commande est déjà en cours. Terminez-la ou annulez-la d’abord.
