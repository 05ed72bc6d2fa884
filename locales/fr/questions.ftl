# Questions that people type, by what they ask. A phrase is words that must all be there, in any
# order: parted by spaces, phrases by "|", words that mean the same by "/"; "*" ends the beginning
# of a word. Words of every language are read, whichever a person chose.
words-ask-price = combien coût*/coute*/vaut/paie*/payer/faut/euros/prix/ça/ca/est | c combien | prix/tarif* | coût*/coute* | cher/chère/chers/chères | ça/ca vaut | promo*/réduction*/remise*/rabais/solde | combien pour/un/une/le/la/les portrait*/avatar/série/photo*/séance/tout/portraits
words-ask-free = gratuit*/gratos | sans payer | faut/dois/obligé/obligatoire payer | essai/essayer/tester | offert*
words-ask-wait = combien temps/heures/minutes/jours | quand prêt*/fini*/reçoi*/recevr*/aurai/arrive*/terminé*/sera/seront/vais | délai* | attendre/attends/attente/patienter | toujours rien/pas/en | dans combien | c long/lent | est/c/trop/si/très long/lent/longue | lent/lente/lenteur | plus vite/rapide/rapidement | accélér*/urgent*/dépêch*/pressé* | durée/dure/durer | prend temps/longtemps | file | longtemps | aujourd hui/ce soir/demain prêt*/avoir
words-ask-safe = sûr/sûre/sécuris*/sécurité/sérieux/fiable*/confiance | arnaque*/escroc*/fraude* | pirat*/vol/volé*/fuite*/hack* | chiffr*/crypt* | risque*/danger* | confidentiel*/rgpd/privée/privées/privé | peur/inquièt*/craint* photo*/données/visage/image* | protég*/protection
words-ask-seen = vend*/revend*/partag* photo*/données/image*/visage | qui peut/pourra voir/regarder/accéder | qui voit/voir/verra/voient/regarde*/accès/accède* | quelqu/quelqu’un/employé*/autres/gens/humain/inconnu* voit/voir/voient/regarde*/accès/verra/verront | vend*/revend*/partag*/transm*/donn* photo*/donnée*/visage/image*/tiers/autre/autres/entreprise* | tiers | entraîn*/entrain* ia/autre/autres/modèle*/mes/photo*/intelligence/avec | publi*/public/publique* photo*/portrait*/images/seront/ligne/mes/sont/visible* | servent/utilis* photo*/images/selfies pour/entraîn*/quoi/autre/pub | exploit* photo*/image*/visage
words-ask-erased = effac*/supprim*/détrui* photo*/image*/selfie*/elles/quand/après/vraiment/envoyé*/ | gard*/conserv*/stock*/enregistr* photo*/image*/donnée*/selfie*/combien/temps/elles | devien* photo*/image*/selfie*/elles/après | restent serveur*/photo* | où vont/sont stock*/photo*/conserv* envoyé*/vont/stock*/conserv*
words-ask-photos = cb photo*/selfies | ai que photo*/selfies | que photo*/selfies 6/5/8/10/7/six/cinq/huit/dix/ai | combien photo*/selfie*/image*/clichés faut/envoyer/envoie/besoin/vous/dois/minimum/envoi/prendre/fournir/voulez/il | quelles/quel/quels/quelle photo*/selfie*/genre/type/sorte/image* envoyer/faut/prendre/choisir/besoin/photo*/selfie*/idéal*/mieux/bonnes/conviennent | photo*/selfie* suffi*/minimum/nécessaire*/obligatoire*/récente*/floue*/anciennes/marche*/vont/va/peut | seulement/que/uniquement dix/dizaine/trois/quelques/peu/10/5/8/photo* photo*/selfie* | lunettes/maquill*/maquillage/filtre*/chapeau/casquette/barbe/sourire/masque | comment prendre/faire/envoyer/photographier photo*/selfie*/envoyer | moins/plus vingt/douze/12/20/photo* photo*/possible/envoyer | ai/j pas/n assez/vingt/autant photo*/selfie*
words-ask-avatar = quoi/est/signifie/entendez/appel* avatar/lora/jumeau | avatar sert/numérique/fonctionne/signifie/expliqu*/marche | expliqu* avatar | différence avatar/portrait* | avatar réutilis*/encore/garder/valable/expire/longtemps/durée/reste/conserv*/plusieurs/dure | technologie/algorithme
words-ask-begin = comment on fait/procède/commence | on fait comment | comment ça/ca/cela marche/fonctionne/fonctionner/utilise | comment utiliser/servir/marche/fonctionne | comment commenc*/débute*/démarre*/procéd* | par où | où commenc*/débute* | étape*/mode/tutoriel/tuto/instructions/notice | que/quoi dois/faire/fais maintenant/ensuite/après/je/faut | et maintenant/après/ensuite | comprends/compris/pige/sais pas/rien/comment | perdu/perdue je/suis | voudrais/veux/aimerais/souhaite/envie portrait*/photo*/faire/photos/shooting/séance | comment commander/obtenir/avoir/faire portrait*/avatar/photo*/ça/un/des | faire portrait/portraits/séance de/mon/photo | c/est quoi ce/ça/ici/cette/truc/bot/appli | première fois
words-ask-size = taille/format/résolution/qualité/définition/dimension*/pixel* | hd/4k/haute définition/résolution/qualité | hd/4k/dpi | jpg/jpeg/png/raw | imprim*/impression/tirage*/agrandi*/poster/affiche/encadr* | télécharg* | fichier* taille/format/original/originaux/poids/quel/où | flou*/pixellis*/pixélis* portrait*/image*/photo*/résultat*/c/est/sont/rendu | petit/petite/petites/petits image*/portrait*/trop/fichier*/photo* | net/nette/nettes
words-ask-refund = rembours* | rend*/récupér*/retour*/restitu* argent/sous/paiement/mise | aime/plaît/plait/satisfait*/content*/convient/convien* pas/n/si/résultat* | si raté*/marche/échoue*/mauvais*/moche*/nul*/rate | garanti*/satisfait | geste commercial
words-ask-trouble = paiement/payer/payé/règlement échou*/échec/refusé*/erreur/bloqu*/problème*/marche/passe/fonctionne/rien/souci/bug* | pas/impossible/arrive/peux payer/régler/paiement | carte refusé*/rejet*/marche/passe/erreur/fonctionne | débité*/prélevé*/facturé*/payé* deux/double/fois/mais/rien/trop/2 | argent/étoiles/somme parti*/disparu*/prélevé*/pris/perdu*/débité* | ai payé/réglé rien/mais/pas/toujours/et | caisse/lien/facture bloqu*/ouvre/erreur/marche | double paiement/débit/prélèvement
words-ask-paying = comment/où payer/paie/régler/paiement/règle/paye | moyen*/mode*/méthode*/façon paiement/payer/règlement | accept*/prenez/payer/possible/régler/peut carte*/paypal/visa/mastercard/wechat/alipay/espèces/virement/apple/bancaire/étoiles/chèque | étoiles/stars acheter/quoi/achète/où/telegram/sont | carte bancaire/bleue/crédit | paiement/payer après/avance/fois/plus/avant/mensuel/plusieurs/livraison | abonnement*/abonn*/mensuel* | renouvel*
words-ask-invoice = facture*/justificatif/reçu | tva | note frais | comptab*/entreprise facture/reçu/comptab*/société | preuve achat/paiement
words-ask-missing = où sont/est/trouv*/voir/passé* portrait*/photo*/image*/avatar/commande/vidéo/résultat*/série/clip/elles/images | reçu/reçois/reçue*/arrivé*/recevoir/vois/trouve/eu rien/pas/jamais/toujours/n/aucun* | rien/pas reçu/arrivé*/vu/eu/venu | disparu*/perdu* portrait*/photo*/image*/avatar/conversation/vidéo/sont/mes | retrouver/revoir portrait*/photo*/image*/série/avatar/mes/les/anciens | toujours pas portrait*/photo*/reçu/avatar/images/vidéo/rien | que devient/passe commande/avatar/portraits | où en commande/avatar
words-ask-restyle = chang*/autre*/différent*/nouveau*/nouvel*/choisi*/quel*/plusieurs/modifier/plus/avez style*/tenue*/vêtement*/fond*/décor*/arrière/thème*/look*/ambiance*/habits/robe*/costume*/modèle*/coiffure*/cheveux | style*/tenue*/fond/décors/thèmes liste/disponible*/propos*/existe*/choix/voir/changer/avez | en costume/robe/tailleur/kimono/uniforme | porter/habillé* | noir blanc | vintage/hanfu/professionnel*/studio/mariage/affaires portrait*/photo*/style/version/linkedin/look
words-ask-likeness = ressembl* | pas moi/reconnai* | me/m reconnai* | ressemblan*/fidèle*/fidélité | visage/nez/yeux/bouche/menton/peau/dents/main*/doigts bizarre*/différent*/faux/déform*/raté*/trop/mal/étrange*/changé*/pas/six | quelqu/autre/inconnu/personne autre/un d/quelqu on/dirait | trop lisse*/retouch*/jeune*/parfait*/maigre*/vieux/vieille/beau/belle/artificiel*/maquillé*/plastique/mince | moins/plus/sans retouch*/lissé/naturel*/réaliste*/embelli*/vrai* | amélior* ressemblance/résultat*/portrait*/visage/rendu/les | moche*/laid*/affreux/horrible*/raté*/nul* portrait*/résultat*/photo*/c/sont/suis/image*/est
words-ask-alive = anim* | bouge* photo*/portrait*/image*/visage/faire/fait | vidéo*/clip*/gif/film faire/fait*/transform*/partir/portrait*/photo*/possible/peut/durée/dure/proposez/peux/avec | donn* vie | photo*/portrait* sourire/sourit/vivant*/parle*/cligne*/vivre/vie | prendre prend vie
words-ask-old = vieille*/ancien*/vieux/abîmé*/jauni*/déchiré*/rayée/noir/sépia photo*/tirage*/cliché*/portrait*/image | restaur*/répar*/coloris* | grand mère/père/parents/mères | mamie/papi/papy/mémé/aïeul*/arrière photo*/animer/vie/de/bouger | décédé*/mort/morte/défunt*/disparu père/mère/photo*/maman/papa/mari/femme/personne/proche/animer | album famille
words-ask-credits = crédit* | solde | recharge* | pack/packs/forfait*/bouquet | acheter portrait*/série*/davantage/plus | points/jetons | autre série coûte/payer/combien
words-ask-gift = cadeau*/offrir/bon/bons | invit*/parrain*/filleul*/recommand* ami*/amie*/code/gagn*/comment/copain/copine/lien/quelqu/bonus | parrain*/filleul* | pour/à ma/mon/un/une amie/ami/mère/femme/mari/copine/copain/soeur/sœur/frère offrir/acheter/payer/cadeau/commander/anniversaire | anniversaire/noël | bonus | ami/amie/amis code/promo/réduction/gagne/récompense
words-ask-cancel = annul* | arrêt* commande/tout/ça/maintenant/avatar/veux/entraînement | veux/voudrais/souhaite plus/pas ça/avatar/continuer/commande/en/finalement/rien | changé avis | résili* | laisser tomber | rétract* | désinscri*
words-ask-language = langue* | parl*/écri*/répond*/mettre/passer/basculer/traduire/comprenez/version français/anglais/chinois/coréen/allemand/espagnol/italien/arabe/langue/japonais | tradui* | en français/anglais/chinois/coréen/espagnol/allemand/arabe
words-ask-group = possible deux | deux possible/photo*/peut/sur/est | avatar/portrait*/photo* copine/copain/mari/femme/ami/amie/mère/frère/soeur | deux/plusieurs/trois/nombreux personne*/ensemble/visages/photo/nous/même/gens/avatar*/couple/sur | couple/famille/groupe/équipe/mariage photo*/portrait*/faire/possible/séance | avec mon/ma/mes mari/femme/copain/copine/ami/amie/chien/chat/soeur/sœur/frère/enfants/mère/père/compagnon/conjoint/meilleure | quelqu/autre d/autre/une personne/un photo*/portrait*/avatar/faire/pour | photo*/avatar/portrait* d autre/quelqu/ami/amie/mari/femme/copine/copain/célébrité/mère/ex/collègue | animal/animaux/chien*/chat/chats | ensemble portrait*/photo*
words-ask-child = enfant*/bébé*/mineur*/fils pour/mon/ma/mes/peut/peuvent/photo*/possible/les/des/un/c/ans/faire/est | fille*/fils pour/ans/photo*/peut/possible/petit/portrait*/a/avatar | bébé*/mineur*/ado/ados/gamin*/petit-fils/nourrisson | quel/limite/minimum/condition âge | moins 18/dix/majorité | majeur*/majorité | ans moins/faut/a/de/minimum/pour
words-ask-rights = commercial*/professionnel* usage/utilis*/fins/but/cadre/droit | droit*/licence*/copyright/propriété/propriétaire* | à qui/appartien* | appartien* | publi*/utilis*/post*/mettre/partager/vendre/diffuser linkedin/instagram/site/facebook/tinder/cv/réseaux/pub/blog/profil/internet/livre/entreprise/où | linkedin/instagram/tinder/facebook/cv/tiktok | vendre/revendre portrait*/image*/les/photos/mes
words-ask-label = filigrane*/étiquette*/mention/logo/marque/tampon/sigle/label | généré*/créé*/fait*/produit* ia/par/intelligence | enlev*/retir*/sans/supprim*/cach*/masqu* filigrane/ia/mention/texte/logo/étiquette/coin/marque/inscription | écrit/inscription/texte ia/image/coin/bas/portrait*/dessus | voit/voir/sait/remarque/reconnaît/détect* ia/artificiel*/faux/généré* | intelligence artificielle | métadonnée*
words-ask-papers = passeport*/identité/visa/permis/officiel*/administrat*/vitale/titre photo*/carte/pour/document*/conduire/papiers/valable/séjour/utiliser | passeport* | papiers/officiel* | biométrique* | carte identité/vitale/séjour/étudiant | ants
words-ask-person = humain*/conseiller*/opérateur*/responsable/employé*/quelqu parl*/contact*/joindre/veux/voudrais/un/avec/vrai/passez/échanger/discuter/aide/écrire | vrai/vraie/réelle personne/gens/humain/interlocuteur | parl*/discut*/échang*/joindre quelqu/personne/humain/service/responsable/équipe/conseiller | service client*/clientèle/après | assistance/support/sav/hotline | contact*/joindre vous/comment/équipe/studio/quelqu/studio | téléphone/numéro téléphone/appeler/votre/numéro/joindre | téléphone/e-mail/email/mail/courriel/adresse votre/numéro/un/avez/joindre | réclam*/plaint*/plaindre | pas/marre/plus robot*/machine/bot | signaler | aide/aidez/aider humain*/quelqu/moi | horaires
words-ask-who = qui êtes/es/a/fait/derrière/est vous/tu/ce/créé/derrière/eider/là | êtes/es/suis/parle/est robot/humain/machine/ia/vrai/bot/chatgpt/personne/programme | vous/tu appel* | votre/ton nom | que savez/sais/pouvez/peux/faites/fais vous/tu/faire | vous/tu êtes/es qui/quoi | présent* vous/toi | quelle/votre entreprise/société | où êtes/basés/situé* | eider quoi/qui/est/c
words-ask-thanks = mille merci*/mercis | trop beau/belle/belles/beaux | merci* | super/génial*/parfait*/magnifique*/bravo/chouette/excellent*/formidable/impressionnant*/bluffant*/sublime*/top | adore*/aime j/je/beaucoup/bien | très beau/belle/bien/réussi/content/contente/joli | trop bien/beau/belle/top
words-ask-hello = bonjour/bonsoir/salut/coucou/hello/bjr/slt/hey/allô/allo | il y quelqu | ça va | comment allez/vas/va
words-ask-bye = bonne nuit
words-ask-erase = effac*/supprim*/oubli*/détrui*/retir* compte/tout/donnée*/mes/moi/avatar/profil/informations/conversation/historique/portraits | droit oubli | ferm*/clôtur*/supprim* compte | tout effac*/supprim*
words-ask-filler = cb faut que ai immediat seconde* secondes peuvent autorise mille possible comment on fait dr je j tu il elle on nous vous ils elles me m moi te t toi se s lui leur le la l les un une des de d du au aux ce cet cette ces c ça ca cela mon ma mes ton ta tes son sa ses notre nos votre vos leurs qui que qu quoi quel quelle quels quelles où quand comment combien pourquoi est suis es sont êtes sommes était sera seront serait ai as a avons avez ont avoir être fait faire fais faites peut peux pouvez puis pourrais pourriez possible dois doit devez faut veux veut voulez voudrais aimerais souhaite souhaiterais sais savoir sait dire dit dites demande demander question pense trouve vois voir va vais allez aller n ne pas plus non oui si et ou mais donc alors car en dans sur sous pour par avec sans chez vers à y là ici déjà encore toujours très trop bien bon bonne svp stp please s’il plaît merci bonjour salut bonsoir photo* image* portrait* selfie* avatar* eider studio robot bot service commande envoyé* envoyer envoie reçois recevoir après avant depuis pendant une fois jour* heure* minute* temps aujourd hui demain hier fini* prêt* tout toute tous toutes rien même aussi autre* chose quelque quelqu personne* gens juste seulement vraiment euh ok dites est-ce excusez pardon désolé mettre prendre donner avoir être serait etc peu beaucoup assez lequel laquelle ia visage* résultat* rendu madame monsieur

# The answers. What they say is true for whoever asks, now.
answer-free =
    L’avatar numérique n’est pas gratuit : il coûte { $price }, une seule fois. { $gift ->
        [yes] Mais votre premier clip est offert : envoyez une photo, et elle prend vie.
       *[no] Votre premier clip offert a déjà été fait.
    }
answer-wait = Un avatar commencé maintenant serait prêt { $span } après le paiement : c’est mesuré, file d’attente comprise. Je vous dis chaque étape, inutile de rester.
answer-wait-unknown = Je ne peux pas le dire en ce moment : j’ai fait trop peu d’avatars récemment pour le mesurer, ou rien ne tourne. Une fois que vous aurez payé, je vous dirai où on en est, et vous serez remboursé si cela échoue.
answer-safe = Vos photos sont chiffrées avec une clé à elles, servent à votre avatar ou à votre clip et à rien d’autre, et sont effacées dès qu’il est fait ; vous recevez un reçu. Rien n’est confié à d’autres entreprises. Vérifiez vous-même : /mydata compte ce qui est gardé, /erase efface tout.
answer-seen = Personne d’autre que vous ne voit vos photos, votre avatar ni vos portraits. Une exception : si les contrôles hésitent sur une photo, quelqu’un de l’équipe regarde celle-là. Elles ne sont ni vendues, ni partagées, ni montrées, et n’entraînent aucun autre modèle.
answer-erased =
    Vos photos sont effacées dès que l’avatar est fait, et aussi s’il échoue, si vous annulez, ou après { $hours ->
        [one] { $hours } heure
       *[other] { $hours } heures
    } sans paiement ; une photo pour un clip, dès que son clip est prêt. Vous recevez un reçu chaque fois. L’avatar et les portraits restent jusqu’à ce que vous les effaciez.
answer-photos =
    { $asked ->
        [one] { $asked } photo
       *[other] { $asked } photos
    }, c’est l’idéal, { $minimum } le minimum, { $maximum } le maximum. Vous seul dessus, le visage net, sous plusieurs angles, avec des vêtements et des lumières variés. Lunettes et maquillage de tous les jours conviennent s’ils vous ressemblent ; ni lunettes de soleil, ni masque, ni gros filtres.{ $accepted ->
        [0] {""}
        [one] {" "}Pour l’instant, { $accepted } convient.
       *[other] {" "}Pour l’instant, { $accepted } conviennent.
    }
answer-avatar = C’est un petit modèle qui a appris votre visage, et aucun autre, sur vos photos. Avec lui je peins de nouveaux portraits de vous dans tous les styles, aussi souvent que vous voulez. Il n’est qu’à vous et reste jusqu’à ce que vous l’effaciez.
answer-begin = Vous lisez ce que deviennent vos photos et dites oui, vous en envoyez environ { $asked } de vous, et vous payez { $price } une seule fois. Je fais votre avatar, et les premiers portraits arrivent ici. En cas d’échec, tout vous est rendu. Pour avancer, choisissez « Continuer ».
answer-begin-typed = Vous lisez ce que deviennent vos photos et dites oui, vous en envoyez environ { $asked } de vous, et vous payez { $price } une seule fois. Je fais votre avatar, et les premiers portraits arrivent ici. En cas d’échec, tout vous est rendu. Pour avancer, écrivez « continuer ».
answer-size =
    { $width ->
        [0] Les portraits sont des images à télécharger ; leur taille en pixels est dite à côté.
       *[other] Vos derniers portraits font { $width } × { $height } pixels. Vous pouvez les télécharger ici.
    } C’est bien pour l’écran et de petits tirages. Pour une affiche, c’est trop peu.
answer-refund =
    Si votre avatar ne peut pas être fait, tout vous est rendu automatiquement. Avant le début du travail, vous pouvez annuler et tout récupérer ; une fois commencé, l’arrêter n’est pas remboursé. Les crédits d’une série ou d’un clip raté reviennent. { $how ->
        [free] Le vôtre n’est pas commencé : /cancel vous rend les { $amount }.
        [begun] Le vôtre est commencé.
       *[none] Vous n’avez pas de commande payée en cours.
    }
answer-paying =
    { $stars ->
        [yes] En étoiles Telegram : la facture arrive ici, et Telegram vous propose des étoiles s’il vous en manque.
       *[no] La facture arrive ici et mène à la caisse. Je ne vois jamais de numéro de carte.
    } Vous payez une seule fois, après le contrôle de vos photos. Il n’y a pas d’abonnement.
answer-invoice = Chaque commande payée, avec son numéro, sa date et son montant, est dans « Mes commandes ». Pour une facture avec TVA, demandez à quelqu’un du studio.
answer-missing = Ils sont ici, plus haut dans la conversation. Je peux vous renvoyer la dernière série.
answer-restyle =
    Tenue, décor et lumière vont avec le style : choisissez-en un autre, et je peins une nouvelle série. Elle coûte { $cost ->
        [one] { $cost } crédit
       *[other] { $cost } crédits
    } ; vous en avez { $balance }.
answer-likeness =
    J’en suis désolé. « Plus ressemblant », sous une série, la repeint avec davantage de vos traits, pour { $cost ->
        [one] { $cost } crédit
       *[other] { $cost } crédits
    } ; vous en avez { $balance }. Si le visage est franchement raté, quelqu’un peut regarder.
answer-likeness-typed =
    J’en suis désolé. « Plus ressemblant » repeint la dernière série avec davantage de vos traits, pour { $cost ->
        [one] { $cost } crédit
       *[other] { $cost } crédits
    } ; vous en avez { $balance }. Si le visage est franchement raté, quelqu’un peut regarder.
answer-alive =
    Envoyez une photo : elle sourit, hoche la tête ou regarde autour d’elle, dans un clip de cinq secondes environ. { $gift ->
        [yes] Le premier est offert.
       *[no] Il coûte { $cost ->
        [one] { $cost } crédit
       *[other] { $cost } crédits
    }.
    }
answer-old = Oui, les vieux tirages aussi. Je les redresse, j’adoucis les rayures et je ravive les tons passés avant qu’ils bougent. Photographiez le tirage bien d’au-dessus, sans flash. Si la personne est décédée, elle devait être de vos proches.
answer-gift =
    Il n’y a pas de bons cadeaux, mais vous pouvez inviter quelqu’un. { $credits ->
        [0] Chacun commence avec ses propres photos.
       *[other] Quand son avatar est prêt, vous recevez { $credits ->
        [one] { $credits } crédit
       *[other] { $credits } crédits
    } chacun.
    }
answer-group = Un avatar, c’est une seule personne : vous seul sur ses photos, et chacun fait le sien. Dans un clip, on peut être deux : vous et quelqu’un qui est d’accord.
answer-child = Désolé, adultes seulement : je ne fais ni avatar ni clip de personnes de moins de 18 ans, même si un parent le demande.
answer-rights = Les portraits sont à vous : montrez-les, imprimez-les, publiez-les. La mention « générée par IA » doit rester. Pour un usage commercial précis, quelqu’un peut vous répondre.
answer-label = Oui, ils sont faits par une IA, et la loi le veut sur chaque portrait et chaque clip : je ne peux pas enlever la mention, laissez-la s’il vous plaît. Je peux aussi vérifier si une image vient de nous.
answer-papers = Non : les portraits sont peints, et un passeport, une carte d’identité ou un visa demandent une vraie photo. Pour un profil, c’est très bien.
answer-who = Je suis Eider, le programme d’un studio de portraits : pas un humain, mais il y en a derrière moi. Je fais vos portraits à partir de vos photos, et je donne vie aux images.
answer-thanks = Ça me fait plaisir. On continue quand vous voulez.
answer-bye = À bientôt ! Je suis là dès que vous m’écrivez.
answer-button-support = Demander à quelqu’un

# A person of the studio, asked with leave.
case-ask =
    Voulez-vous que je vous mette en contact avec quelqu’un ? Cette personne verrait :

    · ce que vous écrirez ici à partir de là, et ses réponses
    · votre identifiant sur cette plateforme, et le numéro de votre dernière commande payée

    Ni photos ni portraits. C’est gardé chiffré jusqu’à { $days ->
        [one] { $days } jour
       *[other] { $days } jours
    } après le dernier mot, et /erase l’efface aussitôt.
case-button-yes = Oui, transmettez
case-button-no = Plutôt pas
case-declined = Entendu, rien n’est transmis.
case-begun = C’est fait. Écrivez ici de quoi il s’agit, { $most } lettres au plus par message : cela va à quelqu’un, sous le numéro { $number }. La réponse viendra dans cette conversation ; je ne peux pas dire quand. Les commandes marchent toujours.
case-open = Le numéro { $number } est encore ouvert : ce que vous écrivez ici va à quelqu’un.
case-passed-first = Transmis, sous le numéro { $number }. Tant que ni vous ni l’équipe ne l’aurez clos, ce que vous écrivez ici va à cette personne, et non à moi.
case-passed = Transmis ({ $number }).
case-too-long = C’est trop long pour un message ; rien n’a été transmis. { $most } lettres au plus : envoyez-le en plusieurs fois.
case-full = Il y a là tant de messages que je n’en transmets plus. Fermez, puis redemandez.
case-closed = C’est clos : plus rien n’est transmis, et je vous écoute de nouveau.
case-closed-by-studio = Le studio a clos votre question. S’il y a autre chose, redemandez quand vous voulez.
case-none = Aucune question de vous n’est ouverte.
case-nobody = Je suis désolé, il n’y a personne à qui vous adresser pour l’instant. Rien n’a été transmis.
case-answer =
    De quelqu’un du studio :

    { $words }
case-answer-last =
    De quelqu’un du studio (cette question est close) :

    { $words }
case-button-close = Clore la question
error-too-many-case-messages = C’est autant de messages que j’en transmets en une heure ; celui-ci ne l’a pas été. Vous pourrez continuer dans { $wait }.
