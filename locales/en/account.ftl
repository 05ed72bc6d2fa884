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
order-done = done
order-refunding = being refunded
order-refunded = refunded
order-cancelled = cancelled

mydata =
    This is what I hold of yours:

    · uploaded photos, with the first try: { $uploads }
    · checkpoints of a training under way: { $checkpoints }
    · digital avatars: { $avatars }
    · portraits: { $portraits }
    · consents: { $consents }
    · orders: { $orders }
    · credits: { $credits }
    · your id on this platform and your language

    No name, no face data, and nothing you typed.
mydata-button-erase = Erase everything

credits =
    { $balance ->
        [one] You have { $balance } credit. A set of portraits costs { $cost }; credits for a failed set come back, and they don’t expire.
       *[other] You have { $balance } credits. A set of portraits costs { $cost }; credits for a failed set come back, and they don’t expire.
    }
credits-button-pack =
    { $credits ->
        [one] { $credits } credit · { $price }
       *[other] { $credits } credits · { $price }
    }

erase-ask =
    Erase everything about you?

    Photos, avatar, portraits and your place in this chat go, and the keys with them; nobody can bring them back. Your remaining credits ({ $credits }) lapse. An unfinished order stops and is refunded. Save the portraits you want to keep first.
erase-button-yes = Erase everything
erase-button-no = Keep it
erase-prompt = To erase, press “Erase everything”. “Keep it” changes nothing.
erase-kept = All right, nothing was erased.
erase-receipt =
    Receipt of erasure
    { $day }

    · uploaded photos: { $uploads }
    · digital avatars: { $avatars }
    · portraits: { $portraits }

    The keys are destroyed: from now on nobody can open any of these, nor what an unfinished training had saved, and the files are being wiped. The accounts are kept, as the law requires, with ids and amounts only.
    Thank you for coming. To return, type “start”.

paysupport =
    If a payment went wrong, please don’t pay again yet.

    · Paid, but nothing happens: look at /orders. Word of a payment is often a few minutes late.
    · Paid twice: the second payment is returned automatically.
    · It couldn’t be made: you are refunded in full, automatically.
    · Work hasn’t begun and you want out: /cancel.

    Refunds go back the way you paid; Stars return to your Stars balance. Payments made here are between you and this bot: the platform’s own support can’t help with them.
paysupport-button-orders = My orders
paysupport-button-cancel = Cancel or refund
paysupport-button-ask = Ask a person
paysupport-asked = Done. Somebody from the studio will look into your payments and write to you here.
