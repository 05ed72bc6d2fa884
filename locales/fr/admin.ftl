# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = Utilisation : /stats
admin-usage-queue = Utilisation : /queue
admin-usage-order = Utilisation : /order NUMÉRO, ou le lien d’invitation du client
admin-order-by-link = Trouvé par un lien d’invitation. Ses amis l’ont aussi : il ne prouve pas qui vous parle.
admin-usage-grant = Utilisation : /grant PLATEFORME:ID CRÉDITS, par exemple /grant telegram:42 10
admin-usage-refund = Utilisation : /refund NUMÉRO (tout ce qui reste ; ce qui a été acheté est repris) ou /refund NUMÉRO MONTANT (une partie ; tout ce qui a été acheté reste)
admin-usage-ban = Utilisation : /ban PLATEFORME:ID
admin-usage-unban = Utilisation : /unban PLATEFORME:ID
admin-usage-review = Utilisation : /review
admin-usage-pause = Utilisation : /pause
admin-usage-resume = Utilisation : /resume
admin-usage-pauseclips = Utilisation : /pauseclips
admin-usage-resumeclips = Utilisation : /resumeclips
admin-usage-erase = Utilisation : /erase PLATEFORME:ID
admin-done = { $command } effectué : { $outcome }
admin-granted = { $credits } offerts, solde { $balance }
admin-none = Aucune photo à regarder.
admin-erased = photos { $photos }, avatars { $avatars }, portraits { $portraits }, clips { $clips } ; commandes remboursées : { $refunded } ; arrêtées sans remboursement : { $kept }
admin-past-account = un compte effacé
admin-line = { $name } : { $value }
admin-order-stopped = arrêtée par le client, non remboursée
admin-stats =
    Utilisateurs : { $users } (effacés : { $erased })
    Photos à regarder : { $held }
    Recettes : { $earned }
    Crédits en circulation : { $credits }
    Écart des comptes : { $books }
    { $selling ->
        [on] Ventes : ouvertes
       *[off] Ventes : suspendues
    }
    { $animating ->
        [on] Clips : ouverts
       *[off] Clips : suspendus
    }
admin-queue = { $queue } : en attente { $waiting }, en cours { $running }, machines { $workers }, délai { $wait }
admin-order =
    Commande : { $id }
    Client : { $person }
    Date : { $day }
    Produit : { $product }
    État : { $state }
    Montant : { $amount } (encaissements : { $charges })
    Remboursé en partie : { $returned } (opérations : { $parts })
    Photos : { $accepted } sur { $sent }
    Avatar : { $avatar }
    Motif du remboursement : { $reason }
admin-orders-line = { $number } · { $day } · { $state }
history-began = commencée
history-charge = { $amount } encaissés, paiement { $charge }
history-part-owed = une partie de { $charge } est à rendre
history-part-back = une partie de { $charge } a été rendue
history-avatar-ready = avatar { $avatar } prêt
history-job-queued = { $kind } : en file, tâche { $job }
history-job-begun = { $kind } : commencé par { $worker } (essais : { $tries }, échecs : { $failures })
history-job-ended = { $kind } : { $state }, cause : { $cause }
history-checks = photos examinées : { $count } ({ $states })
history-message = pas encore annoncé : { $what } ({ $state }, essais : { $tries })
history-messages = pas encore annoncés : { $what }, { $count } messages, du { $oldest } au { $newest } ({ $states } ; essais : { $tries } au plus)
history-act = un admin : /{ $command }, { $outcome }
admin-review-head =
    { $count ->
        [one] { $count } photo à regarder.
       *[other] { $count } photos à regarder.
    }
admin-held =
    { $count ->
        [one] { $count } image attend d’être regardée : /review. Ce que personne n’a regardé après { $hours } h est effacé.
       *[other] { $count } images attendent d’être regardées : /review. Ce que personne n’a regardé après { $hours } h est effacé.
    }
admin-held-minor = Peut-être une personne mineure.
admin-held-stated = Peut-être une personne mineure : qui l’a envoyée le dit.
admin-held-indecent = Peut-être indécente.
admin-stated-minor = ⚠ { $person } écrit être mineur. { $order ->
        [none] Pas de commande d’avatar
       *[other] Commande : { $order } ({ $state })
    }, photos en attente : { $held }. { $held ->
        [0] {""}
       *[other] Les regarder : /review.{" "}
    }{ $paid ->
        [yes] Arrêter et rendre ce qui est payé : /refund { $order }.{" "}
       *[no] {""}
    }Ne plus rien faire pour cette personne : /ban { $person }
admin-review-clip = Une image à animer :
admin-review-approve = Utilisable
admin-review-reject = Inutilisable
admin-difference-unbooked = ⚠ { $till } a encaissé { $theirs } pour la commande { $order }, sans que nous l’ayons su. C’est comptabilisé. Paiement : { $charge }
admin-difference-returned = ⚠ { $till } a rendu de l’argent de la commande { $order } à notre insu : il détenait { $ours }, il détient maintenant { $theirs }. C’est comptabilisé. Pour une partie, la commande reste ; s’il ne reste rien, ce qui avait été acheté est repris. Paiement : { $charge }
admin-difference-stray = ⚠ { $till } a encaissé { $theirs } pour « { $order } », qui n’est pas une commande d’ici. À vérifier. Paiement : { $charge }
admin-difference-amount = ⚠ { $till } et nos livres diffèrent sur la commande { $order } : là-bas { $theirs }, ici { $ours }. À vérifier. Paiement : { $charge }
admin-difference-kept = ⚠ Commande { $order } : d’après nos livres { $till } détient { $ours } après remboursements, mais il détient encore { $theirs }. À vérifier. Paiement : { $charge }
admin-difference-absent = ⚠ { $ours } sont comptés pour la commande { $order }, mais { $till } n’en sait rien. À vérifier. Paiement : { $charge }
admin-difference-ledger = ⚠ Le compte de { $till } est à { $ours }, mais ses paiements font { $theirs }. À vérifier.
admin-not-booked-payment = ⚠ Un paiement signalé par { $till } n’a pas pu être comptabilisé : le client a payé, et sa commande attend toujours. Il n’est pas acquitté, et un nouvel essai a lieu chaque fois que { $till } le signale. Le journal dit où cela échoue : payment_not_booked. Paiement : { $charge }
admin-not-booked-refund = ⚠ Un remboursement signalé par { $till } n’a pas pu être comptabilisé. Il n’est pas acquitté, et un nouvel essai a lieu chaque fois que { $till } le signale. Le journal dit où cela échoue : payment_not_booked. Paiement : { $charge }
admin-booked-after-all-payment = ✓ Le paiement signalé par { $till } qui n’avait pas pu être comptabilisé l’est maintenant. Il n’y a plus rien à faire. Paiement : { $charge }
admin-booked-after-all-refund = ✓ Le remboursement signalé par { $till } qui n’avait pas pu être comptabilisé l’est maintenant. Il n’y a plus rien à faire. Paiement : { $charge }
admin-refund-stuck = ⚠ Un remboursement chez { $till } est bloqué et doit être traité dans sa console marchand (carte qui ne peut plus rien recevoir, solde insuffisant, par exemple). Ensuite tout reprend ici de soi-même ; ne remboursez pas une seconde fois. Transaction : { $charge }, remboursement : { $refund }
admin-refund-closed = ⚠ { $till } a clos un remboursement sans le verser, sans doute parce que le compte est resté trop longtemps sans provision. Il est redemandé ; merci d’approvisionner le compte. Transaction : { $charge }, remboursement : { $refund }
admin-refund-closed_unasked = ⚠ { $till } a clos un remboursement sans le verser. Il n’est pas de ceux qui sont dus ici ; quelqu’un l’a sans doute fait dans sa console marchand : les livres restent tels quels et rien n’est redemandé. S’il est encore voulu, refaites-le là-bas ou par /refund. Transaction : { $charge }, remboursement : { $refund }
admin-refund-too_much = ⚠ { $till } signale un remboursement supérieur à ce que nos livres ont encore de cette somme : sans doute un ici et un autre dans sa console. La commande reste telle quelle et ce qui est dû ici continue d’être demandé : quelqu’un doit décider. Transaction : { $charge }, remboursement : { $refund }
admin-refund-begun =
    { $gone ->
        [yes] { $amount } sont en cours de remboursement. Ce qui avait été acheté était déjà effacé : il n’en reste rien. Vous serez prévenu si le prestataire a besoin de quelque chose.
       *[no] { $amount } sont en cours de remboursement ; rien n’est repris pour cela. Vous serez prévenu si le prestataire a besoin de quelque chose.
    }
admin-differences =
    { $count ->
        [one] ⚠ { $till } : encore { $count } écart. La liste : python -m bot reconcile
       *[other] ⚠ { $till } : encore { $count } écarts. La liste : python -m bot reconcile
    }
admin-help-wanted = { $person } demande l’aide de quelqu’un pour un paiement. Sa dernière commande payée : { $order }
admin-worker-fault = ⚠ Le worker { $worker } est hors service : { $what ->
        [device] son GPU est absent ou ne calcule pas
        [weights] des poids de modèle manquent ou sont altérés
        [base] un pas du modèle de base échoue
        [folder] son dossier temporaire ou son cache n’est pas accessible en écriture
        [memory] il a trop peu de mémoire
        [blob_store] il voit un autre magasin de blobs que celui de cette installation, ou ne peut pas s’en servir
        [master_key] sa clé maîtresse n’est pas celle de cette installation
       *[other] son autotest échoue ({ $what })
    }. Aucune commande n’est perdue : il rend son travail et se teste jusqu’à ce que tout aille bien. Son journal et /readyz disent que faire.

# Behind the commands in the platform's menu.
admin-command-stats = personnes, commandes et recettes en bref
admin-command-queue = l’état des files
admin-command-order = consulter une commande
admin-command-grant = offrir des crédits
admin-command-refund = rembourser une commande, ou une partie
admin-command-ban = fermer un compte aux commandes
admin-command-unban = le rouvrir
admin-command-review = les photos qui attendent un regard humain
admin-command-pause = suspendre les ventes
admin-command-resume = reprendre les ventes
admin-command-pauseclips = ne plus prendre d’images à animer
admin-command-resumeclips = animer de nouveau des images
admin-command-erase = effacer quelqu’un ; sans identifiant, moi-même
admin-usage-cases = Utilisation : /cases
admin-usage-case = Utilisation : /case NUMÉRO
admin-usage-answer = Utilisation : /answer NUMÉRO TEXTE
admin-usage-close = Utilisation : /close NUMÉRO
admin-command-cases = les questions qui attendent quelqu’un
admin-command-case = en lire une
admin-command-answer = y répondre, chez le client
admin-command-close = la clore
admin-cases-none = Aucune question n’est ouverte.
admin-cases-more = Et { $count } autres, qui attendent depuis moins longtemps.
admin-case-open = attend une réponse
admin-case-answered = a une réponse
admin-case-closed = close
admin-case-line = { $number } · { $state } · { $day } · messages : { $count }
admin-case-who = Client : { $person } · dernière commande payée : { $order }
admin-case-earlier = Messages plus anciens, non montrés : { $count }
admin-case-customer = Client, { $day } :{ $words }
admin-case-studio = Studio, { $day } :{ $words }
admin-case-written = Question { $number } : le client a écrit (messages : { $count }). Lire : /case { $number } · répondre : /answer { $number } TEXTE · clore : /close { $number }
admin-case-withdrawn = Question { $number } : le client l’a close.
