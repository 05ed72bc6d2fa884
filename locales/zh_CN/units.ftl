# How this language writes money, spans of time and such. Numbers arrive already written.
money-CNY = ¥{ $amount }
money-XTR =
    { $count ->
       *[other] { $amount } 颗星星
    }
money-credits = { $amount } 点
# A word to be typed, where there are no commands to tap.
typed-word = “{ $word }”
span-seconds = { $low } 秒
span-minutes = { $low } 分钟
span-hours = { $low } 小时
span-seconds-range = { $low } 到 { $high } 秒
span-minutes-range = { $low } 到 { $high } 分钟
span-hours-range = { $low } 到 { $high } 小时
