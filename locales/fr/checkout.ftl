# Paying and waiting.
bill-title-avatar = Eider · un avatar numérique
bill-title-credits =
    { $credits ->
        [one] Eider · { $credits } crédit
       *[other] Eider · { $credits } crédits
    }
bill-avatar =
    { $price }, une seule fois, rien de plus.

    Vous recevez :
    · un avatar numérique fait à partir de vos photos ({ $accepted })
    · une première série de portraits ({ $portraits }), style « { $style } »
    · { $sets ->
        [0] des crédits ({ $credits }) pour continuer avec d’autres styles
        [one] de quoi faire { $sets } série de plus dans un autre style (crédits : { $credits })
       *[other] de quoi faire { $sets } séries de plus dans d’autres styles (crédits : { $credits })
    }

    { $compared ->
        [all] J’ai comparé ces photos entre elles, comme demandé. Je peux me tromper : avant de payer, assurez-vous que toutes sont de vous.
        [some] Jusqu’ici, je n’ai comparé entre elles qu’une partie de ces photos : avant de payer, assurez-vous que toutes sont de vous.
       *[none] Sauf si vous le demandez, je ne vérifie pas si ces photos montrent une seule personne : avant de payer, assurez-vous que toutes sont de vous.
    }

    En cas d’échec, tout vous est remboursé, automatiquement. Tant que le travail n’a pas commencé, vous pouvez aussi annuler et tout récupérer ; une fois commencé, l’arrêter ne donne pas droit à un remboursement.
bill-referral =
    { $credits ->
        [one] Et grâce à l’invitation d’un ami, vous recevrez chacun { $credits } crédit de plus une fois votre avatar prêt.
       *[other] Et grâce à l’invitation d’un ami, vous recevrez chacun { $credits } crédits de plus une fois votre avatar prêt.
    }
bill-credits =
    { $credits ->
        [one] { $credits } crédit pour { $price }. Une série de portraits en coûte { $cost }, une vidéo { $clip } ; les crédits de ce qui échoue vous reviennent.
       *[other] { $credits } crédits pour { $price }. Une série de portraits en coûte { $cost }, une vidéo { $clip } : de quoi faire { $sets ->
            [one] { $sets } série
           *[other] { $sets } séries
        } ou { $clips ->
            [one] { $clips } vidéo
           *[other] { $clips } vidéos
        }. Les crédits de ce qui échoue vous reviennent.
    }
# The address of a page where it is paid; a picture to scan; both under the bill.
bill-link = Payer ici : { $url }
bill-scan = Appuyez longuement sur le code ci-dessus pour payer ; sur un ordinateur, scannez-le avec votre téléphone.
bill-button-pay = Payer ici
bill-button-cancel = Ne pas acheter
bill-prompt = La facture est prête. Je commence dès qu’elle est réglée.
bill-outdated = Cette facture n’est plus valable : vos photos, ou ce que j’en sais, ont changé depuis. Elle ne peut plus être réglée ; ce qui arriverait quand même vous est rendu en entier. Dès que toutes vos photos sont là, je vous en prépare une nouvelle.
bill-outdated-age = Cette facture n’est plus valable : en raison de ce que vous avez dit de votre âge, vos photos attendent une personne de l’équipe. Elle ne peut plus être réglée ; ce qui arriverait quand même vous est rendu en entier.
bill-changed = C’était une facture précédente : ce qu’elle propose a changé depuis. Rien n’a été débité. Voici celle qui compte à présent :
bill-nothing = Il n’y a rien à payer pour l’instant.
bill-failed = La caisse n’a pas répondu. Rien n’a été débité. Réessayez dans un instant.
bill-unshown = Je n’ai pas réussi à afficher la facture ici. Rien n’a été débité. Réessayez dans un instant.
bill-button-retry = Réessayer
paid-button-clip = Choisir comment la photo bouge
paid = { $amount } bien reçus, merci.
receipt-line = { $number } · { $day } · { $product }
paid-credits =
    { $credits ->
        [one] { $amount } bien reçus. { $credits } crédit ajouté ; votre solde : { $balance }.
       *[other] { $amount } bien reçus. { $credits } crédits ajoutés ; votre solde : { $balance }.
    }
pay-twice = J’ai reçu un second paiement de { $amount } pour ce qui est déjà réglé. Il vous est rendu en entier, automatiquement ; vous n’avez rien à faire.
pay-too-late = J’ai reçu { $amount }, mais cette facture n’était plus ouverte. La somme vous est rendue en entier, automatiquement ; vous n’avez rien à faire.
pay-wrong-amount = J’ai reçu { $amount }, ce qui n’est pas le montant de la facture. La somme vous est rendue en entier, automatiquement. La facture n’est pas réglée pour autant : elle attend toujours son paiement.
pay-returned = J’ai appris un paiement de { $amount } qui avait déjà été rendu. Vous n’avez rien à faire ; la facture n’est pas réglée pour autant : elle attend toujours son paiement.
pay-banned = J’ai reçu { $amount }, mais ce compte ne peut plus passer de commande. La somme vous est rendue en entier, automatiquement ; vous n’avez rien à faire.
pay-received = { $amount } bien reçus, merci.
pay-unknown = J’ai reçu { $amount }, sans savoir pour quelle commande. Votre argent est en sécurité : quelqu’un va vérifier. Si vous écrivez à /paysupport, indiquez { $code }.

waiting-queue =
    { $ahead ->
        [0] C’est à vous juste après.
        [one] Vous êtes dans la file, { $ahead } personne devant vous.
       *[other] Vous êtes dans la file, { $ahead } personnes devant vous.
    }
waiting-eta = Encore { $span } environ.
waiting-eta-unknown = Je ne sais pas encore combien de temps il faudra ; je vous le dirai dès que je le saurai.
waiting-eta-no-worker = Aucun serveur n’y travaille en ce moment : je ne peux pas dire combien de temps il faudra. Votre place est gardée.
waiting-halted =
    { $stopped ->
        [yes] Le studio est à l’arrêt : plus aucune machine n’y travaille, je ne peux donc pas dire combien de temps il faudra.
       *[no] Aucune machine n’y travaille en ce moment, je ne peux donc pas dire combien de temps il faudra.
    } { $held ->
        [money] Votre argent et votre place dans la file sont gardés.
        [credits] Vos crédits et votre place dans la file sont gardés.
       *[nothing] Votre place dans la file est gardée.
    } Dès qu’une machine est là, le travail se poursuit de lui-même.
waiting-working = Votre avatar est en cours : { $percent }.
waiting-leave = Vous pouvez fermer la conversation ; je vous écrirai ici quand ce sera prêt.
waiting-leave-open = Vous pouvez fermer cette page : le travail n’en dépend pas. D’ici, je ne peux pas vous prévenir ; repassez, tout sera là.
waiting-leave-contact = Vous pouvez fermer la conversation ; je vous écrirai ici quand ce sera prêt. Sans message de vous depuis deux jours, cette messagerie ne me laisse plus écrire : envoyez un mot, et je vous dirai où en sont les choses.
waiting-prompt = Votre avatar est en cours. Vous n’avez rien à faire.
waiting-sample = Un premier essai, juste pour voir. L’apprentissage n’est pas fini : il ne compte pas encore.
ended-sample = Le premier essai est rangé ; il n’était là que pour l’attente.
ended-training =
    { $how ->
        [done] L’apprentissage est terminé.
        [failed] L’apprentissage s’est terminé sans avatar.
       *[cancelled] L’apprentissage a été annulé.
    }
waiting-button-refresh = Où en est-ce ?
waiting-button-cancel = Annuler, avec remboursement

cancel-nothing = Il n’y a rien à annuler pour l’instant. Un souci avec une commande terminée ? Écrivez /paysupport.
cancel-ask-photos = Annuler ? Les photos envoyées seront effacées aussitôt.
cancel-ask-bill = Annuler cette commande ? Rien n’a été débité, et vos photos seront effacées aussitôt.
cancel-ask-paid = Le travail n’a pas commencé : en annulant, vous récupérez la totalité, { $amount }. Vos photos seront effacées aussitôt. Vous confirmez ?
cancel-too-late =
    Le travail a commencé et le temps de machine ne se rattrape pas : l’annulation n’est plus possible. En cas d’échec, tout vous est remboursé.

    { $kept ->
        [yes] Si vous ne voulez plus que vos photos soient utilisées, retirez votre accord (/revoke) : le travail s’arrête et tout est effacé, mais les { $amount } payés ne sont pas remboursés.
       *[no] Si vous ne voulez plus que vos photos soient utilisées, retirez votre accord (/revoke) : le travail s’arrête, tout est effacé, et vous récupérez la totalité, { $amount }.
    }
cancel-button-yes = Annuler la commande
cancel-button-no = Ne pas annuler
cancel-kept = Très bien, continuons.
cancel-done = C’est annulé, rien n’a été débité. Vos photos sont en cours d’effacement ; un reçu suivra.
cancel-refunding = C’est annulé ; vos { $amount } vous sont rendus. Vos photos sont en cours d’effacement ; un reçu suivra.
cancel-credits = La facture des crédits est annulée, rien n’a été débité.
waiting-stage-loading = Je me prépare.
waiting-stage-preparing = Je trie vos photos.
waiting-stage-training = J’apprends vos traits.
waiting-stage-sampling = J’essaie une première prise.
waiting-stage-painting = La séance est en cours.
bill-button-show = Voir la facture
# Where somebody stands whose last order has ended, before what can be done now.
ended-refunding = Le remboursement de votre dernière commande ({ $amount }) est en cours ; rien n’est gardé de son avatar, de ses portraits ni de ses photos. Pour un nouvel avatar, recommencez ci-dessous.
ended-refunded = Les { $amount } de votre dernière commande ont été remboursés (le délai dépend de votre moyen de paiement) ; rien n’est gardé de son avatar, de ses portraits ni de ses photos. Pour un nouvel avatar, recommencez ci-dessous.
ended-stopped = Votre dernière commande a été arrêtée comme vous le vouliez, et ce qui en faisait partie est effacé. Pour un nouvel avatar, recommencez ci-dessous.
