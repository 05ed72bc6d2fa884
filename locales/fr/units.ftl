# How this language writes money, spans of time and such.
money-CNY = { $amount } ¥
money-XTR =
    { $count ->
        [one] { $amount } Star
       *[other] { $amount } Stars
    }
money-credits = Crédits : { $amount }
# A word to be typed, where there are no commands to tap.
typed-word = « { $word } »
span-seconds =
    { $low ->
        [one] { $low } seconde
       *[other] { $low } secondes
    }
span-minutes =
    { $low ->
        [one] { $low } minute
       *[other] { $low } minutes
    }
span-hours =
    { $low ->
        [one] { $low } heure
       *[other] { $low } heures
    }
span-seconds-range = { $low } à { $high } secondes
span-minutes-range = { $low } à { $high } minutes
span-hours-range = { $low } à { $high } heures
