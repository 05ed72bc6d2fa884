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
compare-no = Entendu, je ne comparerai pas. Vous pouvez changer d’avis dans /privacy.
compare-off = Accord retiré : je ne compare plus.
compare-off-begun = Accord retiré : je ne compare plus. Pour l’avatar en cours, tout ce qui aurait été comparé est écarté, et je fais les premiers portraits sans cela.
compare-privacy-ask = Comparer portraits et photos ?
compare-privacy-off = Ne plus comparer portraits et photos
compare-revoke = Ne plus comparer, garder mon avatar
