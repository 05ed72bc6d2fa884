# What workers, tills and the clock have to tell.
news-avatar-ready = Votre avatar est prêt ; sa création a pris { $span }. Vos premiers portraits arrivent.
news-avatar-failed =
    Je suis désolé, cela n’a pas marché cette fois, et la faute est de mon côté. { $amount } vous sont rendus automatiquement. Vos photos seront effacées ; un reçu suivra.
news-shoot-failed =
    { $credits ->
        [one] Je suis désolé, la série « { $style } » a échoué et { $credits } crédit vous est rendu. Réessayez, ou choisissez un autre style.
       *[other] Je suis désolé, la série « { $style } » a échoué et { $credits } crédits vous sont rendus. Réessayez, ou choisissez un autre style.
    }
news-wish-failed =
    { $credits ->
        [one] Je suis désolé, les images d’après vos mots ont échoué et { $credits } crédit vous est rendu. Réessayez, ou dites-le autrement.
       *[other] Je suis désolé, les images d’après vos mots ont échoué et { $credits } crédits vous sont rendus. Réessayez, ou dites-le autrement.
    }
news-wish-not-passed =
    { $credits ->
        [one] Je suis désolé : rien de ce que j’ai peint d’après vos mots n’a passé mon propre contrôle (décence, personne adulte, visage juste), et je ne remets pas de telles images. { $credits } crédit vous est rendu. D’autres mots iront peut-être mieux.
       *[other] Je suis désolé : rien de ce que j’ai peint d’après vos mots n’a passé mon propre contrôle (décence, personne adulte, visage juste), et je ne remets pas de telles images. { $credits } crédits vous sont rendus. D’autres mots iront peut-être mieux.
    }
news-refunded = Remboursement effectué : { $amount }. Le délai d’arrivée dépend de votre moyen de paiement.
news-reduced = Le studio vous a rendu { $amount } sur ce que vous aviez payé. Rien ne vous est repris pour cela. Le délai d’arrivée dépend de votre moyen de paiement.
news-given-back =
    { $what ->
        [done] Le studio vous rend { $amount } pour votre avatar. Tout s’arrête donc là : l’avatar et ses portraits sont en cours d’effacement, et les crédits offerts avec, s’ils n’ont pas servi, sont repris.
        [stopped] Le studio vous rend { $amount } pour la commande arrêtée. Ce qui en faisait partie est déjà effacé.
        [credits] Le studio vous rend { $amount } : les crédits achetés avec sont donc repris, dans la limite de ceux qui vous restaient.
       *[paid] Le studio vous rend { $amount } pour votre avatar. Le travail s’arrête donc là, et ses photos sont en cours d’effacement.
    } Pour toute question, écrivez à /paysupport.
news-returned-avatar = Le prestataire de paiement vous a rendu { $amount }. Ce qui avait été payé s’arrête donc là : l’avatar et ses portraits sont en cours d’effacement, et les crédits offerts avec, s’ils n’ont pas servi, sont repris. Si ce n’était pas voulu, écrivez à /paysupport.
news-returned-credits = Le prestataire de paiement vous a rendu { $amount } : les crédits achetés avec sont donc repris, dans la limite de ceux qui vous restaient. Si ce n’était pas voulu, écrivez à /paysupport.
news-uploads-erased =
    { $count ->
        [one] Reçu d’effacement : la photo que je gardais encore ({ $count }) est effacée et sa clé détruite. Personne ne pourra la rétablir.
       *[other] Reçu d’effacement : les { $count } photos que je gardais encore sont toutes effacées et leur clé détruite. Personne ne pourra les rétablir.
    }
news-training-erased =
    { $count ->
        [one] Reçu d’effacement : la photo que je gardais encore ({ $count }) est effacée et sa clé détruite. Personne ne pourra la rétablir. J’ai aussi cherché les fichiers intermédiaires de l’apprentissage : il n’en reste aucun.
       *[other] Reçu d’effacement : les { $count } photos que je gardais encore sont toutes effacées et leur clé détruite. Personne ne pourra les rétablir. J’ai aussi cherché les fichiers intermédiaires de l’apprentissage : il n’en reste aucun.
    }
news-approved = Quelqu’un a regardé la photo { $number } : elle convient, et elle compte.
news-approved-late = Quelqu’un a regardé la photo { $number } : elle convient. Votre avatar a été lancé sans elle.
news-rejected = Quelqu’un a regardé la photo { $number } : elle ne peut pas servir, et n’est pas comptée.
news-held-erased =
    { $count ->
        [one] Une photo attendait que quelqu’un la regarde. Personne ne l’avait fait quand les photos ont été effacées : elle n’a pas servi, et elle a disparu aussi.
       *[other] { $count } photos attendaient que quelqu’un les regarde. Personne ne l’avait fait quand les photos ont été effacées : elles n’ont pas servi, et elles ont disparu aussi.
    }
news-open-again = Le studio est de nouveau au travail : vous pouvez reprendre là où vous en étiez.
news-expired =
    { $hours ->
        [one] { $hours } heure sans paiement : la commande est annulée et vos photos sont en cours d’effacement. Revenez quand vous voulez.
       *[other] { $hours } heures sans paiement : la commande est annulée et vos photos sont en cours d’effacement. Revenez quand vous voulez.
    }
news-granted =
    { $credits ->
        [one] { $credits } crédit vous est offert. Votre solde : { $balance }.
       *[other] { $credits } crédits vous sont offerts. Votre solde : { $balance }.
    }
news-referral-host =
    { $credits ->
        [one] L’avatar d’une personne que vous avez invitée est prêt. { $credits } crédit pour vous, avec mes remerciements ; votre solde : { $balance }.
       *[other] L’avatar d’une personne que vous avez invitée est prêt. { $credits } crédits pour vous, avec mes remerciements ; votre solde : { $balance }.
    }
news-referral-guest =
    { $credits ->
        [one] Grâce à l’invitation d’un ami : { $credits } crédit de plus. Votre solde : { $balance }.
       *[other] Grâce à l’invitation d’un ami : { $credits } crédits de plus. Votre solde : { $balance }.
    }
news-referral-settled =
    { $settled ->
        [one] { $settled } crédit d’invitation a servi à compenser une invitation précédente, annulée après que ses crédits ont été dépensés.
       *[other] { $settled } crédits d’invitation ont servi à compenser une invitation précédente, annulée après que ses crédits ont été dépensés.
    }
news-referral-back =
    { $credits ->
        [one] La commande d’une personne que vous aviez invitée n’a pas abouti : { $credits } crédit offert, non dépensé, a été repris.
       *[other] La commande d’une personne que vous aviez invitée n’a pas abouti : { $credits } crédits offerts, non dépensés, ont été repris.
    }
news-button-again = Recommencer
news-erased = J’ai vérifié à nouveau : de vos photos, de votre avatar, de son apprentissage et de vos portraits, il ne reste rien dans nos réserves, ni aucune clé.
# A template message to somebody who must write first; at most 20 signs.
waits-portraits = Vos portraits !
waits-clip = Votre vidéo est prête
waits-news = Du nouveau pour vous
