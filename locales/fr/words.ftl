# Words that a person may type instead of pressing a button, in this language. They work for
# everybody, whichever language they chose. Parted by "|"; case, spaces and marks do not matter.
language-name = Français
words-language-this = français | en français | parler français
words-start = commencer | prendre des photos | bonjour | salut | bonsoir | coucou | démarrer | on y va
words-help = aide | que savez-vous faire | comment ça marche
words-price = combien | prix | tarif | tarifs | combien ça coûte
words-language = langue | changer de langue
words-mydata = mes données | que savez-vous de moi | données
words-erase = tout effacer | effacer | supprimer | supprimer mes données | tout supprimer | effacer mes photos
words-cancel = annuler | arrêter | laissez tomber | remboursement | remboursez-moi
words-orders = commandes | mes commandes | commande
words-styles = styles | autre style | un autre style | modèles | portraits
words-credits = crédits | solde | acheter des crédits | recharger
words-terms = conditions | que deviennent mes photos
words-privacy = confidentialité | vie privée
words-revoke = révoquer | retirer mon consentement | retirer mon accord
words-avatar = avatar | mon avatar
words-new = nouvel avatar | recommencer | un autre avatar
words-tips = conseils | comment faire de bonnes photos | quelles photos
words-where = continuer | où en suis-je | où en est-on | avancement | c’est prêt | { waiting-button-refresh }
words-paysupport = problème de paiement | j’ai payé | payé deux fois
words-agree = oui | j’accepte | d’accord | je suis d’accord | ok
words-decline = non | je refuse | je n’accepte pas | non merci
words-woman = femme | une femme | je suis une femme
words-man = homme | un homme | je suis un homme
words-person = ni l’un ni l’autre | je préfère ne pas le dire | autre
words-done = terminé | c’est tout | fini | ça suffit | j’ai fini
words-out = retirer | enlever | pas moi | ce n’est pas moi | pas moi sur certaines | retire | c’est pas moi sur la | c’est pas moi sur les | ce n’est pas moi sur la | ce n’est pas moi sur les | pas moi sur la | pas moi sur les | la n’est pas moi | les ne sont pas moi
numbers-and = et
words-pay = payer | régler | acheter
words-more = plus ressemblant | plus comme moi
words-fairer = plus beau | plus belle | plus flatteur
words-again = une autre série | encore | encore une | refaire
words-expression = autre expression | une autre expression | change d’expression
words-originals = originaux | fichiers | télécharger | fichiers d’origine
words-share = partager | envoyer à un ami | partager la photo
words-invite = inviter | inviter un ami | parrainer | parrainage
words-support = assistance | un humain | parler à quelqu’un
words-verify = vérifier | est-ce de vous | vérifier une image
words-link = relier | relier mes conversations | lier mes comptes | relier mes comptes
words-unlink = séparer | séparer mes conversations | délier mes comptes
words-alive = animer une photo | animer | l’animer | faire bouger une photo | vieille photo
words-together = ensemble | à deux | côte à côte | réunir deux photos
words-clip = vidéo | ma vidéo | revoir la vidéo
words-paint = peins-moi | peignez-moi | dessine-moi | dessinez-moi | avec mes mots | peindre mes mots
words-film = filme-moi | filmez-moi | fais une vidéo de moi | faites une vidéo de moi
words-please = s’il te plaît | s’il vous plaît | peux-tu | pouvez-vous
words-self = moi | c’est moi | moi-même
words-living = une personne vivante
words-dead = une personne décédée
words-minor-age = dix[- ]sept|seize|quinze|quatorze|treize|douze|onze|dix|neuf|huit|sept|six|cinq
words-minor-goes-on = (?:et (?:je|j’|ma |mon |mes |vous|on )|mais|donc|alors|je |j’|est[- ]ce|c’est|ça |ca |on |puis-je|peut-on|svp|stp|s’il|merci|aujourd’hui|cette année|hier|quoi\b|vous |tu |et toi|du coup|désolée?|pas 18)
words-minor-supposed = \b(?:si|quand|lorsque|depuis que|dès que|(?:dirait|croit|croient|croyez|crois|dit|dites|disent|pense|pensent|pensez)(?:-vous|-tu)? que|dit\s?:) $|(?:^|, )(?:ici|là) $|\b(?:sur|dans) (?:cette|celle-ci|celle-là|la|le|ce|une)(?: \w+)?(?: \w+)?,? $|\b19\d\d\b
words-minor =
    \bj\s?’?ai (?:(?:seulement|juste|que|à peine|bientôt|encore|déjà|toujours|actuellement) )*AGE\s?ans(?: et demi)?END
    \bje n’ai (?:encore )?que AGE\s?ans(?: et demi)?END
    \bj’ai eu AGE\s?ans (?:hier|aujourd’hui|la semaine dernière|ce mois)
    \bje viens d’avoir AGE\s?ans
    \bnous avons (?:tous |toutes |les deux |deux )*AGE\s?ansEND
    ^AGE\s?ans(?:[.! ])*$
    ^moi,? (?:c’est )?AGE\s?ansEND
    (?:\bmon |^)[aâ]ge\s?(?:est|c’est|:)?\s?AGE(?:\s?ans)?END
    \bje suis (?:un |une )?(?:[aâ]g[ée]e? |fille |garçon |gars |ado |lycéenne |lycéen )de AGE\s?ansEND
    \bje suis (?:encore |toujours )?(?:un |une )?mineure?\b(?! de )
    \bje (?:ne )?suis (?:toujours |encore )?pas (?:encore |toujours )?majeure?END
    \bj(?:e n)?’?ai (?:toujours |même )?pas (?:encore |atteint |eu )*(?:18|dix[- ]huit)\s?ans\b(?! d)
    \bj’ai (?:presque|bientôt|moins de|même pas) (?:18|dix[- ]huit)\s?ansEND
    \bj’aurai (?:bientôt |seulement )?(?:18|dix[- ]huit)\s?ans\b
    \bje (?:vais |fais )(?:bientôt )?(?:avoir |faire |fêter )?(?:mes )?(?:18|dix[- ]huit)\s?ans (?:en|le|dans|demain|bientôt|la semaine|l’année)\b
    \bje vais (?:bientôt )?(?:avoir|fêter mes) (?:18|dix[- ]huit)\s?ans\b
    \bj’ai menti sur mon [aâ]ge\b
# Questions simples : expressions régulières, une par ligne, du texte sans signes ni accents (handlers/questions/sentences.py).
words-asks-case =
    \b(?:quelqu un|on|une personne|le studio|l equipe|vous)(?: a| ont| avez| va| vont| t| n| il| elle| on| deja| bien| enfin| me| m)* (?:lu|vu|recu|lire|regarde|traite|repondu|repondre)(?: a)? (?:mon|ma|mes) (?:message|question|demande|reclamation|ticket|dossier)
    \bquelqu un (?:va|peut|pourrait)(?: il)? (?:enfin )?me (?:lire|repondre)
    \bavez vous (?:bien |deja )*(?:lu|vu|recu|regarde|traite|repondu)(?: a)? (?:mon|ma|mes) (?:message|question|demande|reclamation|ticket|dossier)
    \b(?:mon|ma|mes) (?:message|question|demande|reclamation|ticket|dossier)s?(?: a| ont| t| il| elle| ils| elles| est| sont| ete| bien| deja)* (?:lue?s?|vue?s?|recue?s?|traitee?s?|arrivee?s?|ouverte?s?)\b
    \bpersonne ne? ?(?:me |m )?(?:a )?(?:repond|lit|lu)
    \b(?:toujours|encore) (?:pas de|aucune|sans) reponse
    \b(?:quand|dans combien de temps)\b.*\b(?:une reponse|reponse du studio|me repond|va repondre|vont repondre|m a t on repondu)
    \bou en est (?:ma|mon) (?:message|question|demande|reclamation|ticket|dossier)
    ^(?:une|des) (?:reponses?|nouvelles du studio)$
words-asks-money =
    \bou (?:est|sont|a|ont|va|en est)(?: donc| t il| bien| passes?| passee?| partis?| disparu)* (?:mon|mes|l|notre) (?:argent|sous|fric|paiement|etoiles|stars)
    \b(?:mon|mes) (?:argent|sous|paiement|etoiles|stars)(?: a| est| sont| ont)* (?:disparu|perdue?s?|parti|passe|ou)
    \bpaye\b.*\bcommande(?: a| est| n est| n)* (?:disparu|perdue|introuvable|plus la|ou)
    \bma commande (?:a disparu|est perdue|est introuvable|n est plus la|n existe plus)
words-asks-stopped =
    \b(?:c est|ca s est|ca a|est il|est elle|s est il|s est elle|il est|(?:le|la|tout|l) ?(?:studio|travail|machine|serveur|entrainement|atelier)? ?(?:est|s est|a))(?: \w+)? (?:arretee?|bloquee?|plantee?|coincee?|figee?|en panne|a l arret)\b
    ^(?:arrete|bloque|plante|coince|fige)$
