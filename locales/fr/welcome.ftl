# The first words, the language, the help, and what is said to odd input.
welcome =
    Pour { $price }, une seule fois, je crée, à partir de { $asked } de vos photos, un avatar numérique qui n’appartient qu’à vous, puis des portraits de studio qui vous ressemblent. Je suis Eider, un studio photo installé dans cette conversation. 🪶
welcome-safe = En cas d’échec, tout vous est rendu, sans rien demander.
welcome-samples = Exemples peints par IA : ces personnes n’existent pas.
welcome-wait =
    { $known ->
        [no-worker] Aucune machine ne travaille en ce moment : je ne peux pas dire quand votre avatar serait prêt.
        [no] Je ne sais pas encore combien de temps il faut. Je vous le dirai dès que je le saurai.
       *[yes] Si vous payez maintenant, votre avatar devrait être prêt dans { $span }.
    }
welcome-closed =
    { $why ->
        [away] Je suis Eider, un studio photo installé dans cette conversation. 🪶 De photos je fais un avatar numérique, puis des portraits de studio. Les machines qui s’en chargent sont absentes pour l’instant : je ne prends pas de nouvelles commandes avant leur retour.
        [queue] Je suis Eider, un studio photo installé dans cette conversation. 🪶 De photos je fais un avatar numérique, puis des portraits de studio. Il y a tant d’attente en ce moment que je ne prends pas de nouvelles commandes pour l’instant.
       *[paused] Je suis Eider, un studio photo installé dans cette conversation. 🪶 De photos je fais un avatar numérique, puis des portraits de studio. Je ne prends pas de nouvelles commandes en ce moment.
    }
welcome-clip =
    { $gift ->
        [yes] Ou bien j’anime une photo : grand-mère sourit et hoche la tête. Votre première vidéo est offerte.
       *[no] { $credits ->
            [one] Ou bien j’anime une photo : grand-mère sourit et hoche la tête. Une vidéo coûte { $credits } crédit.
           *[other] Ou bien j’anime une photo : grand-mère sourit et hoche la tête. Une vidéo coûte { $credits } crédits.
        }
    }
welcome-how = Comment ça se passe : vous lisez ce que deviennent vos photos, vous donnez votre accord, et vous les envoyez. Tout ce que je fais arrive ici même.
welcome-again = Que faisons-nous : animer une photo, ou des portraits de studio à partir d’un avatar de vous ?
welcome-button-begin = Des portraits de moi
welcome-button-language = Language · 语言
welcome-prompt = Pour commencer, touchez le bouton ci-dessous ou écrivez « commencer ».
welcome-prompt-typed = Pour commencer, répondez par un chiffre ou écrivez « commencer ».

language-ask = Dans quelle langue souhaitez-vous continuer ?
language-set = Très bien, continuons en français.

help =
    Je suis Eider. J’anime des photos ; de vos photos je fais aussi un avatar numérique, et de l’avatar des portraits de studio.

    Les boutons et les mots fonctionnent aussi bien. À tout moment :
    { $commands }

    Si vous êtes perdu, écrivez « continuer » : nous reprendrons là où vous en étiez. Un souci de paiement ? Écrivez /paysupport.
help-typed =
    Je suis Eider. J’anime des photos ; de vos photos je fais aussi un avatar numérique, et de l’avatar des portraits de studio.

    Quand les choix sont numérotés, répondez par le numéro. Ces mots valent à tout moment :
    { $commands }

    Si vous êtes bloqué, écrivez « continuer » et nous reprendrons où nous en étions. Un paiement s’est mal passé ? Envoyez /paysupport.

# One line each, behind the command's name; also the platform's menu.
command-start = reprendre là où vous en êtes
command-help = ce que je sais faire
command-alive = animer une photo
command-styles = choisir un style et poser
command-avatar = mon avatar numérique
command-credits = crédits et recharges
command-invite = inviter un ami
command-orders = mes commandes
command-cancel = annuler ou être remboursé
command-mydata = ce qui est conservé sur moi
command-erase = tout effacer à mon sujet
command-revoke = retirer mon accord pour mes photos
command-terms = ce que deviennent mes photos
command-privacy = protection des données
command-language = changer de langue
command-verify = vérifier si une image vient de nous
command-support = demander à quelqu’un du studio
command-paysupport = un problème de paiement

button-where = Continuer
button-help = Aide
button-back = Retour

# Odd input: first what it was, then (from the state) what to do now.
odd-text = Je n’ai pas compris, mais ce n’est pas grave.
odd-button = Ce choix n’est plus valable. Voici où nous en sommes :
odd-number = Aucun choix ne porte ce numéro. Voici où nous en sommes :
odd-sticker = Joli autocollant ! Mais je ne sais regarder que les photos.
odd-voice = Je ne peux pas écouter les messages vocaux. Écrivez, ou touchez un bouton.
odd-voice-typed = Je ne peux pas écouter les messages vocaux. Écrivez-moi plutôt.
odd-video = Les vidéos ne me servent pas, seulement les photos.
odd-file = Je ne peux pas ouvrir ce fichier. Envoyez vos photos en JPEG, PNG, WebP, HEIC ou AVIF.
odd-file-pictures = Je ne peux pas recevoir de fichiers ici. Envoyez-le comme photo : choisissez-le dans votre album, en taille originale.
odd-place = Je n’ai pas besoin de votre position et ne l’ai pas conservée.
odd-other = Je ne sais pas encore quoi faire de cela.
back-again = Heureux de vous revoir.

# The menu that an account has beside the chat: three groups, and what is in them. WeChat: at most
# 16 bytes for a group, 60 for the rest.
menu-shoot = Portraits
menu-mine = Mon studio
menu-help = Aide
menu-where = Commencer / continuer
menu-styles = Styles
menu-avatar = Mon avatar
menu-alive = Animer une photo
menu-invite = Inviter un ami
menu-progress = Avancement
menu-credits = Crédits
menu-orders = Mes commandes
menu-mydata = Mes données
menu-language = Langue
menu-how = Mode d’emploi
menu-paysupport = Problème de paiement
menu-cancel = Annuler / rembourser
menu-verify = Vérifier une image
menu-erase = Tout effacer
