# The optional consent: comparing the first portraits with the photos while they are made.
compare-ask =
    Une question facultative : quelle que soit votre réponse, et même sans réponse, vous aurez vos portraits.
    En bref : je regarderais une seule fois lesquels vous ressemblent le plus, et ne garderais rien de vous.

    Voulez-vous que je compare vos premiers portraits avec vos photos, pour vous donner les plus ressemblants ?

    Cela se fait une seule fois, quand l’avatar est presque fini et avant que vos photos soient effacées, dans la mémoire de nos propres serveurs. Ce qui est mesuré de votre visage n’est ni conservé ni transmis ; seul est compté à quel point les portraits ressemblent, pour cinq clients ou plus à la fois et sans dire de qui, afin de voir si notre travail baisse. Les portraits suivants ne sont pas comparés. Les portraits trop peu ressemblants sont écartés et leurs crédits rendus. Sans comparaison, je choisis d’après la netteté, par exemple. Vous pouvez changer d’avis à tout moment dans /privacy ; votre avatar n’en dépend pas.
compare-button-yes = Comparer
compare-button-no = Ne pas comparer
compare-yes = Entendu : je les comparerai une fois et ne garderai rien de vous. Vous pouvez changer d’avis dans /privacy.
compare-yes-later = Entendu, c’est noté. Pour un avatar déjà en cours, il est peut-être trop tard ; pour le prochain, je comparerai une fois et ne garderai rien de vous. Vous pouvez changer d’avis dans /privacy.
compare-no = Entendu, je ne comparerai pas vos portraits à vos photos. Vous pouvez changer d’avis dans /privacy.
compare-off = Accord retiré : je ne compare plus vos portraits à vos photos.
compare-off-begun = Accord retiré : je ne compare plus vos portraits à vos photos. Pour l’avatar en cours, tout ce qui aurait été comparé est écarté, et je fais les premiers portraits sans cela.
compare-privacy-ask = Comparer portraits et photos ?
compare-privacy-off = Ne plus comparer portraits et photos
compare-revoke = Ne plus comparer, garder mon avatar

# The other: comparing the photos of an order with each other, before they are paid for.
compare-photos-ask =
    Une question facultative : quelle que soit votre réponse, et même sans réponse, rien d’autre ne change.
    En bref : je regarderais quelles photos ne ressemblent pas aux autres, et n’en garderais rien d’autre.

    Voulez-vous que je compare entre elles les photos que vous envoyez pour un avatar, pour marquer celles qui ne ressemblent pas aux autres ?

    Cela se fait seulement quand vous le demandez, avant le paiement, dans la mémoire de nos propres serveurs. Ce qui est mesuré des visages n’est ni conservé ni transmis. Je garde quelles photos se ressemblaient ou non, aussi longtemps que les photos, pas plus. Je ne fais que marquer : c’est vous qui décidez, et je peux me tromper. Vous pouvez changer d’avis à tout moment dans /privacy ; les marques sont alors effacées.
compare-photos-yes = Entendu, je compare vos photos entre elles, puis je vous dis ce qu’il en est. Ce que je mesure des visages n’est pas gardé.
compare-photos-noted = Entendu, c’est noté. Devant la planche de vos photos, avant de payer, vous pourrez me demander de les comparer.
compare-photos-no = Entendu, je ne comparerai pas vos photos entre elles. Vous pouvez changer d’avis dans /privacy.
compare-photos-off = Accord retiré : je ne compare plus vos photos entre elles, et ce que j’avais marqué est effacé.
compare-photos-failed = Je n’ai pas pu comparer vos photos. Rien n’a changé : regardez-les vous-même, ou laissez-moi réessayer.
ended-comparing =
    { $how ->
        [done] J’ai comparé vos photos.
       *[ended] Je ne compare pas vos photos en ce moment.
    }
compare-photos-privacy-ask = Comparer mes photos entre elles ?
compare-photos-privacy-off = Ne plus comparer mes photos
compare-photos-revoke = Seulement ne plus comparer mes photos
