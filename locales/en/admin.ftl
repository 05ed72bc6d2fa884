# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = Usage: /stats
admin-usage-queue = Usage: /queue
admin-usage-order = Usage: /order NUMBER
admin-usage-grant = Usage: /grant PLATFORM:ID CREDITS, as in /grant telegram:42 10
admin-usage-refund = Usage: /refund NUMBER
admin-usage-ban = Usage: /ban PLATFORM:ID
admin-usage-unban = Usage: /unban PLATFORM:ID
admin-usage-review = Usage: /review
admin-usage-pause = Usage: /pause
admin-usage-resume = Usage: /resume
admin-usage-erase = Usage: /erase PLATFORM:ID
admin-done = { $command } done: { $outcome }
admin-none = No photos wait to be looked at.
admin-erased = photos { $photos }, avatars { $avatars }, portraits { $portraits }
admin-line = { $name }: { $value }
admin-stats =
    Users: { $users } (erased: { $erased })
    Photos to look at: { $held }
    Earned: { $earned }
    Credits outstanding: { $credits }
    Books off by: { $books }
    { $selling ->
        [on] Sales: on
       *[off] Sales: paused
    }
admin-queue = { $queue }: waiting { $waiting }, running { $running }, workers { $workers }, wait { $wait }
admin-order =
    Order: { $id }
    Customer: { $person }
    Date: { $day }
    Product: { $product }
    State: { $state }
    Amount: { $amount } (charges: { $charges })
    Photos: { $accepted } of { $sent }
    Avatar: { $avatar }
    Refund reason: { $reason }
admin-review-head =
    { $count ->
        [one] { $count } photo waits to be looked at.
       *[other] { $count } photos wait to be looked at.
    }
admin-review-approve = Usable
admin-review-reject = Not usable
