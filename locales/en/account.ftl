# Orders, data, credits, erasing.
orders-none = No orders yet.
orders-head = Your orders:
orders-line = { $number } · { $day } · { $product } · { $amount } · { $state }
orders-more = … only the latest { $count } are listed.
product-avatar = digital avatar
product-credits =
    { $credits ->
        [one] { $credits } credit
       *[other] { $credits } credits
    }
order-collecting = collecting photos
order-awaiting = waiting for payment
order-paid = paid, in the making
order-paid-halted = paid, waits until a machine is there
order-done = done
order-stopped = stopped by you, not refunded
order-refunding = being refunded
order-refunded = refunded
order-cancelled = cancelled

mydata =
    This is what I hold of yours:

    · uploaded photos, with the first try: { $uploads }
    · results of photo checks, with checksums of picture and face: { $checks }
    · photos compared with each other, as you asked, with whether each was like the rest: { $compared }
    · checkpoints of a training under way: { $checkpoints }
    · digital avatars: { $avatars }
    · portraits: { $portraits }
    · clips: { $clips }
    · pictures in your own words: what I heard, encrypted: { $prompts }
    · messages with a person of the studio, encrypted: { $cases }
    · pictures sent to come alive, with small copies of them: { $sources }
    · of each clip: who you said is in the picture, the motion you chose, and how many faces it has
    · consents: { $consents }
    · orders: { $orders }
    · credits: { $credits }
    · your id on this platform, your language, the word for the person, your choices of likeness, retouching and expression, and, if a friend brought you, who
    · against floods, how much was asked of me, for at most a day
    · where the platform limits my messages: when you last wrote and when I did since, under such a hash, for two weeks at most

    No name, no facial key points or face embeddings, and nothing else you typed.
mydata-button-erase = Erase everything
mydata-minor = And that you said you’re under 18, until a member of staff has seen that you’re an adult.
mydata-past =
    { $banned ->
        [yes] And, since you last erased everything, until { $day }: a keyed hash of your id here, which says that you were here before and that this account is closed to new orders.
       *[no] And, since you last erased everything, until { $day }: a keyed hash of your id here, which says that you were here before.
    }

credits =
    { $balance ->
        [one] You have { $balance } credit. A set of portraits costs { $cost }, a clip { $clip }, one of two people brought together { $together }; credits for a failed one come back, and they don’t expire.
       *[other] You have { $balance } credits. A set of portraits costs { $cost }, a clip { $clip }, one of two people brought together { $together }; credits for a failed one come back, and they don’t expire.
    }
price-avatar =
    A digital avatar is { $price }, paid once, with its first set of portraits and { $credits ->
        [one] { $credits } credit
       *[other] { $credits } credits
    } more{ $sets ->
        [0] .
        [one] , enough for one more set.
       *[other] , enough for { $sets } more sets.
    }
credits-button-pack =
    { $credits ->
        [one] { $credits } credit · { $price }
       *[other] { $credits } credits · { $price }
    }

erase-ask =
    Erase everything about you?

    Photos, avatar, portraits and your place in this chat go, and the keys with them; nobody can bring them back.{ $credits ->
        [0] {" "}
       *[other] {" "}Your remaining credits ({ $credits }) lapse.{" "}
    }Save the portraits you want to keep first.

    { $fate ->
        [loss] Work on your avatar has begun. If you erase now, it stops, and the { $lost } you paid is not refunded.
        [refund] If you erase now, the order is cancelled, and all { $back } goes back to you.
        [owed] { money-owed }
       *[yes] No unfinished order is paid, so nothing is refunded.
    }

    { $banned ->
        [yes] What stays: the accounts, as the law requires, with ids and amounts only; and for { $days } days a keyed hash of your id here, which says that you were here before and that this account is closed to new orders.
       *[no] What stays: the accounts, as the law requires, with ids and amounts only; and for { $days } days a keyed hash of your id here, which says only that you were here before.
    }
erase-button-yes = Erase everything
erase-button-no = Keep it
erase-prompt =
    { $fate ->
        [loss] To erase, choose “Erase everything”: the work that has begun stops, and the { $lost } you paid is not refunded. “Keep it” changes nothing.
        [refund] To erase, choose “Erase everything”: all { $back } goes back to you. “Keep it” changes nothing.
       *[yes] To erase, choose “Erase everything”. “Keep it” changes nothing.
    }
erase-kept = All right, nothing was erased.
erase-nothing = Everything of yours is erased already: there is nothing left here to erase.
erase-receipt =
    Receipt of erasure
    { $day }

    · uploaded photos: { $uploads }
    · digital avatars: { $avatars }
    · portraits: { $portraits }
    · clips: { $clips }

    The keys are destroyed: from now on nobody can open any of these, nor what an unfinished training had saved, and the files are being wiped. The accounts are kept, as the law requires, with ids and amounts only.
    Thank you for coming. To return, type “start”.
erase-money =
    { $fate ->
        [loss] The work that had begun is stopped. The { $lost } paid for it is not refunded.
        [refund] { $back } is on its way back to you.
        [owed] { money-owed }
       *[yes] No unfinished order was paid, so nothing is refunded.
    }
money-owed = { $owed } owed to you from before is still on its way back; this does not change that.
erase-past =
    { $banned ->
        [yes] Kept until { $day }: a keyed hash of your id here, from which nobody can read the id. It says that you were here before and that this account is closed to new orders.
       *[no] Kept until { $day }: a keyed hash of your id here, from which nobody can read the id. It says only that you were here before.
    }

paysupport =
    If a payment went wrong, please don’t pay again yet.

    · Paid, but nothing happens: look at /orders. Word of a payment is often a few minutes late.
    · Paid twice: the second payment is returned automatically.
    · It couldn’t be made: you are refunded in full, automatically.
    · Work hasn’t begun and you want out: /cancel. Once it has begun, stopping it isn’t refunded.

    { $stars ->
        [yes] Refunds return to your Stars balance. Payments made here are between you and this bot: the platform’s own support can’t help with them.
       *[no] Refunds go back the way you paid. Payments made here are between you and this studio: the platform’s own support can’t help with them.
    }
paysupport-none =
    I find no paid order of yours here.{ $staffed ->
        [yes] { " " }If you have paid, ask a person, and tell them when and how much, and the number on the receipt.
       *[no] { "" }
    }
paysupport-button-orders = My orders
paysupport-button-cancel = Cancel or refund
