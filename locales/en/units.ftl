# How this language writes money, spans of time and such.
money-CNY = ¥{ $amount }
money-XTR =
    { $count ->
        [one] { $amount } Star
       *[other] { $amount } Stars
    }
money-credits = Credits: { $amount }
# A word to be typed, where there are no commands to tap.
typed-word = “{ $word }”
span-seconds =
    { $low ->
        [one] { $low } second
       *[other] { $low } seconds
    }
span-minutes =
    { $low ->
        [one] { $low } minute
       *[other] { $low } minutes
    }
span-hours =
    { $low ->
        [one] { $low } hour
       *[other] { $low } hours
    }
span-seconds-range = { $low } to { $high } seconds
span-minutes-range = { $low } to { $high } minutes
span-hours-range = { $low } to { $high } hours
