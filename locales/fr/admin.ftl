# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = Utilisation : /stats
admin-usage-queue = Utilisation : /queue
admin-usage-order = Utilisation : /order NUMÉRO
admin-usage-grant = Utilisation : /grant PLATEFORME:ID CRÉDITS, par exemple /grant telegram:42 10
admin-usage-refund = Utilisation : /refund NUMÉRO
admin-usage-ban = Utilisation : /ban PLATEFORME:ID
admin-usage-unban = Utilisation : /unban PLATEFORME:ID
admin-usage-review = Utilisation : /review
admin-usage-pause = Utilisation : /pause
admin-usage-resume = Utilisation : /resume
admin-usage-erase = Utilisation : /erase PLATEFORME:ID
admin-done = { $command } effectué : { $outcome }
admin-none = Aucune photo à regarder.
admin-erased = photos { $photos }, avatars { $avatars }, portraits { $portraits }
admin-line = { $name } : { $value }
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
admin-queue = { $queue } : en attente { $waiting }, en cours { $running }, machines { $workers }, délai { $wait }
admin-order =
    Commande : { $id }
    Client : { $person }
    Date : { $day }
    Produit : { $product }
    État : { $state }
    Montant : { $amount } (encaissements : { $charges })
    Photos : { $accepted } sur { $sent }
    Avatar : { $avatar }
    Motif du remboursement : { $reason }
admin-review-head =
    { $count ->
        [one] { $count } photo à regarder.
       *[other] { $count } photos à regarder.
    }
admin-review-approve = Utilisable
admin-review-reject = Inutilisable
