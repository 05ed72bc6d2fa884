# Relier par un code deux conversations d’une personne, et les séparer.
channel-telegram = Telegram
channel-wechat = WeChat
channel-playground = la page web

# A chat of somebody who has linked several: as one where they are not, another on the same
# platform, and that where this is read.
chat-on = une conversation ({ $channel })
chat-other = votre autre conversation ({ $channel })
chat-other-since = votre autre conversation ({ $channel }, vous y avez écrit le { $day })
chat-here = cette conversation ({ $channel })

command-link = relier mes conversations en un seul compte
command-unlink = séparer mes conversations reliées

link-intro =
    Vous me parlez aussi ailleurs ? Reliées, les deux conversations ne font qu’un compte : mêmes avatars, portraits, crédits et langue.

    Dans l’une, touchez « Montrer un code » ; dans l’autre, envoyez /link puis écrivez ce code. Si l’autre conversation en montre déjà un, écrivez-le ici.

    Rien n’est relié avant que vous ayez lu ce qui se passera et dit oui.
link-intro-typed =
    Vous me parlez aussi ailleurs ? Reliées, les deux conversations ne font qu’un compte : mêmes avatars, portraits, crédits et langue.

    Dans l’une, choisissez « Montrer un code » ; dans l’autre, envoyez /link puis écrivez ce code. Si l’autre conversation en montre déjà un, écrivez-le ici.

    Rien n’est relié avant que vous ayez lu ce qui se passera et dit oui.
link-button-show = Montrer un code
link-button-cancel = Laisser tomber
link-prompt = Écrivez le code que montre l’autre conversation ({ $length } lettres et chiffres), ou touchez le bouton pour en avoir un ici.
link-prompt-typed = Écrivez le code que montre l’autre conversation ({ $length } lettres et chiffres), ou choisissez « Montrer un code » pour en avoir un ici.
link-code =
    { $code }

    Envoyez ceci dans votre autre conversation avec moi : /link { $code }

    Il sert une seule fois, pendant { $wait } ; un code précédent ne vaut plus rien. Ne le montrez à personne : qui l’écrit et dit oui partage votre compte.
link-code-typed =
    { $code }

    Dans votre autre conversation avec moi, envoyez : relier { $code }

    Il sert une seule fois, pendant { $wait } ; un code précédent ne vaut plus rien. Ne le montrez à personne : qui l’écrit et dit oui partage votre compte.
link-ask =
    Relier cette conversation à celle qui a montré le code ({ $channel }) ?

    · Ce que vous avez ici rejoint ce que vous avez là-bas, en un seul compte : { $avatars ->
            [one] { $avatars } avatar terminé
           *[other] { $avatars } avatars terminés
        }, { $credits ->
            [one] { $credits } crédit
           *[other] { $credits } crédits
        }, portraits et commandes. Rien n’est effacé. Chaque conversation montre, utilise et peut effacer le tout.
    · La langue choisie là-bas l’emporte, à défaut celle choisie ici.
    · Vos accords valent pour les deux tant que les mots sont les mêmes. S’ils ont changé, ou si vous les avez retirés plus tard dans l’une des deux, je redemande.
    · Les nouvelles vont là où vous avez parlé en dernier. Les remboursements repartent par où vous avez payé.
    · Si l’une avait invité l’autre, ce que cela a rapporté est repris. Les crédits d’invitation encore à venir sont perdus si l’autre conversation a acheté un avatar.
    · /unlink les sépare à nouveau. Tout reste alors d’un côté, et l’autre repart de zéro.

    Ne dites oui que si les deux conversations ne sont qu’à vous.
link-ask-prompt = Touchez « Oui, les deux sont à moi » pour relier les deux conversations, ou « Non » pour ne rien changer.
link-ask-prompt-typed = Choisissez « Oui, les deux sont à moi » pour relier les deux conversations, ou « Non » pour ne rien changer.
link-button-yes = Oui, les deux sont à moi
link-button-no = Non
link-kept = Très bien, rien n’a été relié.
link-done = C’est relié : cette conversation ne fait plus qu’un compte avec { $chats }. /unlink les sépare à nouveau.
link-wrong =
    { $left ->
        [one] Ce code ne vaut rien. Un code sert une fois, peu de temps, et dans une autre conversation que celle qui le montre. Il vous reste { $left } essai.
       *[other] Ce code ne vaut rien. Un code sert une fois, peu de temps, et dans une autre conversation que celle qui le montre. Il vous reste { $left } essais.
    }
link-closed = Trop de codes sans valeur. Pour votre sécurité, je n’en regarde plus aucun pendant { $wait }.
link-moderator = Les conversations des administrateurs ne se relient pas : leurs droits n’appartiennent qu’à une seule.
photo-while-linking = Je n’ai pas pris cette photo : j’attends un code, ou votre réponse, pour relier vos conversations.

unlink-none = Cette conversation n’est reliée à aucune autre.
unlink-ask =
    Vos conversations reliées : { $chats }.

    · « Celle-ci s’en va » : avatars, portraits, crédits et commandes restent tous dans les autres. Celle-ci repart de zéro.
    · « Les autres s’en vont » : tout reste ici. Chacune des autres repart de zéro.

    Qui repart de zéro n’est pas un nouveau venu : une invitation ne rapporte rien de nouveau. Les remboursements repartent toujours par où vous avez payé. Ce qui a été envoyé dans une conversation y reste visible.
unlink-button-here = Celle-ci s’en va
unlink-button-others = Les autres s’en vont
unlink-button-no = Les laisser reliées
unlink-kept = Très bien, vos conversations restent reliées.
unlink-done-here = C’est fait. Cette conversation n’est plus reliée et repart de zéro ; tout est resté dans les autres.
unlink-done-others = C’est fait. Les autres conversations ne sont plus reliées et repartent de zéro ; tout est resté ici.

news-linked = Cette conversation ne fait plus qu’un compte avec { $chat }, reliée par un code. Si ce n’était pas vous, séparez-les tout de suite.
news-unlinked = N’est plus reliée à celle-ci : { $chat }. Tout reste ici.
news-parted = Cette conversation n’est plus reliée à vos autres. Tout est resté là-bas, et celle-ci repart de zéro.
news-chat-erased = J’ai vérifié : il ne reste rien de ce qui n’était gardé que pour cette conversation. Ce qui est à vous dans vos autres conversations n’en est pas touché.

mydata-button-link = Relier mes conversations
mydata-button-unlink = Mes conversations reliées
mydata-linked =
    Vos conversations sont reliées : { $chats }. Tout ce qui précède se voit dans chacune. Pour chacune je garde votre identifiant là-bas et le moment où vous y êtes venu en dernier depuis une autre, et pour un paiement, laquelle a payé.

erase-linked = Vos conversations sont reliées ({ $chats }). « Tout effacer » efface dans toutes. « Seulement celle-ci » me fait oublier cette conversation seule : avatars, portraits, crédits et commandes restent dans les autres, et aucune commande n’est arrêtée. Ce qui reste après un effacement est gardé pour votre identifiant dans chaque conversation effacée.
erase-button-chat = Seulement celle-ci
erase-chat-receipt =
    Reçu d’effacement
    { $day }

    J’ai oublié cette conversation : elle n’est plus reliée à rien, et ce qui n’était gardé que pour elle est effacé. Vos avatars, portraits, crédits et commandes sont restés dans vos autres conversations.
    Pour recommencer ici, écrivez « commencer ».

error-too-many-codes = Vous avez demandé ou écrit un très grand nombre de codes. Vous pourrez continuer dans { $wait }.
error-link-expired = Ce code ne vaut plus rien : son temps est passé, ou il a servi. Rien n’a été relié ; demandez-en un nouveau avec /link.
error-two-orders-open = Les deux conversations ont une commande d’avatar en cours, et un compte n’en a qu’une à la fois. Terminez-en une, ou annulez-la (/cancel) dans sa conversation, puis reliez-les. Rien n’a été relié.
error-too-many-chats = Cela ferait trop de conversations reliées : { $maximum } au plus. Rien n’a été relié.
