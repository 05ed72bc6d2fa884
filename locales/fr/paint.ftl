# Une image avec ses propres mots : ce qui a été compris, ce qui ne l’est pas, le prix, le oui.
paint-button = Peindre ce que je décris
paint-title = Avec vos mots
paint-ask =
    Dites avec vos mots ce que je dois peindre : une expression, la lumière, un fond, un style. Avant que cela ne coûte quoi que ce soit, je vous dis quels mots je connais et lesquels non.

    Ce que j’ai compris est gardé chiffré, pour que vous puissiez le faire repeindre, au plus tard jusqu’à ce que vous effaciez tout ; ce que vous ne commandez pas, je l’oublie en { $hours ->
        [one] une heure
       *[other] { $hours } heures
    }. Rien de nu, pas de mineurs, pas de violence, et personne de célèbre.
paint-prompt = Dites ce que je dois peindre, ou prenez l’un de ceux-ci.
paint-prompt-heard = J’attends votre oui. Ou dites-le autrement.
paint-example-1 = sourire, noir et blanc
paint-example-2 = aquarelle, fond bleu
paint-example-3 = pensif, néon
paint-example-4 = sépia, gros plan
paint-of-you = Ce sera vous, d’après votre avatar.
paint-of-nobody = Vous n’avez pas encore d’avatar : ce sera quelqu’un qui n’existe pas.
paint-heard = Je connais : { $words }.
paint-heard-whole = Je prends toute la phrase comme vous l’avez écrite.
paint-unknown =
    { $count ->
        [one] Je ne connais pas ceci, et je le laisse de côté : { $words }.
       *[other] Je ne connais pas ceux-ci, et je les laisse de côté : { $words }.
    }
paint-left-out =
    { $count ->
        [one] Je retiens { $count } mot à la fois, je laisse donc de côté : { $words }.
       *[other] Je retiens { $count } mots à la fois, je laisse donc de côté : { $words }.
    }
paint-price =
    { $credits ->
        [one] { $pictures } images coûtent { $credits } crédit ; vous en avez { $balance }.
       *[other] { $pictures } images coûtent { $credits } crédits ; vous en avez { $balance }.
    }
paint-button-order =
    { $credits ->
        [one] Peindre · { $credits } crédit
       *[other] Peindre · { $credits } crédits
    }
paint-button-other = D’autres mots
paint-nothing =
    { $count ->
        [0] Je n’y ai rien trouvé que je puisse peindre. Rien n’a été débité.
        [one] Je ne connais pas encore ceci : { $words }. Il n’y a donc rien à peindre, et rien n’a été débité.
       *[other] Je ne connais pas encore ceux-ci : { $words }. Il n’y a donc rien à peindre, et rien n’a été débité.
    }
paint-too-long = C’est trop d’un coup : je lis { $most } signes au plus. Dites-le plus court, pour que je puisse vous dire de chaque mot si je le connais. Rien n’a été débité.
paint-blocked = Cela, je ne le peins pas. { $why } Rien n’a été débité, et rien n’en est gardé.
paint-blocked-sexual = Mes images ne montrent rien de nu ni de sexuel.
paint-blocked-minors = Je ne peins que des adultes.
paint-blocked-violence = Je ne peins pas de violence.
paint-blocked-hate = Je ne peins rien qui représente la haine ou la terreur.
paint-blocked-deception = Je ne peins rien qui serve à tromper : ni papiers, ni uniformes.
paint-blocked-persons = Je vous peins, ou quelqu’un qui n’existe pas, mais personne de célèbre : ils n’ont pas donné leur accord.
paint-terms-first = Avec plaisir. D’abord les conditions ; puis redites-moi ce que je dois peindre, car je ne l’ai pas gardé.
paint-painted = C’est déjà peint ; rien de plus n’a été débité. Vous pouvez en avoir une autre série.
paint-left = D’accord, je ne peins rien pour l’instant.
paint-left-words = D’accord. J’ai oublié vos mots, et rien n’a été débité.
paint-nobody-to-be-like = Ces images ne montrent personne de réel : il n’y a personne à qui ressembler davantage. Rien n’a été débité.
portraits-nobody = { $style }. Cette personne n’existe pas.
photo-while-wishing = J’attends des mots ici, je n’ai donc pas ouvert cette photo.
command-paint = une image avec vos mots
paint-then-moves =
    { $credits ->
        [one] D’abord les images. Choisissez ensuite dessous « L’animer » : la vidéo coûte { $credits } crédit de plus, sauf si elle vous est offerte.
       *[other] D’abord les images. Choisissez ensuite dessous « L’animer » : la vidéo coûte { $credits } crédits de plus, sauf si elle vous est offerte.
    }
