# How this language writes money, spans of time and such.
money-CNY = { $amount }위안
money-XTR =
    { $count ->
       *[other] 별 { $amount }개
    }
money-credits = { $amount }크레딧
# A word to be typed, where there are no commands to tap.
typed-word = “{ $word }”
span-seconds = { $low }초
span-minutes = { $low }분
span-hours = { $low }시간
span-seconds-range = { $low }~{ $high }초
span-minutes-range = { $low }~{ $high }분
span-hours-range = { $low }~{ $high }시간
