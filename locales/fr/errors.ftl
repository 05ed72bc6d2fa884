# A rule said no: what happened, and what to do next.
error-unknown = Ce n’est pas possible pour l’instant.
error-unexpected = Je suis désolé, un incident s’est produit de mon côté, pas du vôtre. Réessayez ; si cela persiste, donnez-nous ce code : { $code }
error-not-found = Je ne le trouve pas. Il n’est peut-être plus valable.
error-duplicate = C’est déjà fait, à l’instant.
error-not-allowed = Ce n’est pas possible à ce stade.
error-case-closed = Cette question est déjà close : rien n’a été transmis.
error-number-too-short = Écrivez au moins les { $digits } premiers caractères du numéro.
error-number-ambiguous = Plusieurs commencent ainsi : { $numbers }. Écrivez le numéro entier.
error-banned = Ce compte ne peut plus passer de commande. Vous pouvez toujours consulter et effacer vos données.
error-consent-missing = Il me faut d’abord votre accord pour continuer.
error-already-paid = C’est déjà réglé. Rien de plus n’a été débité.
error-bill-outdated = Cette facture n’est plus valable. Rien n’a été débité. Écrivez « continuer » pour voir l’actuelle.
error-sales-paused = Le studio ne prend pas de nouvelle commande pour le moment. Vos photos sont toujours là ; revenez payer plus tard. Rien n’a été débité.
error-queue-too-long =
    { $minutes ->
        [one] La file est trop longue : plus de { $minutes } minute. Je ne veux pas prendre votre argent pour vous faire attendre ; revenez plus tard. Rien n’a été débité.
       *[other] La file est trop longue : plus de { $minutes } minutes. Je ne veux pas prendre votre argent pour vous faire attendre ; revenez plus tard. Rien n’a été débité.
    }
error-nobody-works = Les machines du studio sont absentes pour l’instant : je ne prends donc pas votre argent. Rien n’a été débité. Je vous écris ici quand vous pourrez de nouveau commander.
error-nobody-generates = Aucune machine qui génère des vidéos n’est au travail en ce moment : je ne prends donc pas vos crédits. Les mouvements sous l’image, eux, sont possibles tout de suite.
error-too-few-photos = Photos utilisables pour l’instant : { $accepted }. Il m’en faut au moins { $minimum } : envoyez-en encore { $missing }, et nous continuerons.
error-still-checking = J’en regarde encore { $checking }. Quelques secondes, puis réessayez.
error-enough-photos = Il y a assez de photos ({ $maximum } au plus) ; je n’ai pas pris celle-ci. Vous pouvez continuer.
error-too-few-credits = Pas assez de crédits : il en faut { $needed }, votre solde est de { $balance }.
error-avatar-missing = Vous n’avez pas encore d’avatar. Faisons-en un d’abord, ensuite les portraits.
error-template-not-shown = Le modèle d’image de ce studio ne rendrait pas justice à ce style ; je ne le vends pas encore.
error-clips-paused = Je n’anime pas d’images pour le moment. Rien n’a été débité ; réessayez plus tard.
error-likeness-ceiling = C’est le maximum de ressemblance ; au-delà, le visage se fige. Essayez une autre série ou un autre style.
error-beauty-ceiling = Je ne retouche pas davantage ; au-delà, ce ne serait plus vous.
error-wrong-amount = Le montant payé ne correspond pas à la facture. L’équipe vérifie ; votre argent est en sécurité.
error-part-too-large = Une partie doit être supérieure à zéro et inférieure à ce qui reste du paiement ({ $left }). Pour rendre tout ce qui reste, n’indiquez pas de montant : ce qui a été acheté est alors repris.
error-refunds-whole-only = Ce moyen de paiement ne rend que des paiements entiers. Sans montant, la commande est remboursée et ce qui a été acheté est repris.
error-till = La caisse ne répond pas pour l’instant. Rien n’a été débité. Réessayez bientôt.
error-no-face-to-move = Ce mouvement demande un visage, et je ne peux en faire bouger aucun sur cette image. Ceux de la caméra fonctionnent.
