# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = Usage: /stats
admin-usage-queue = Usage: /queue
admin-usage-order = Usage: /order NUMBER, or a customer’s invitation link
admin-order-by-link = Found by an invitation link. Their friends have it too: it does not prove whom you are talking to.
admin-usage-grant = Usage: /grant PLATFORM:ID CREDITS, as in /grant telegram:42 10
admin-usage-refund = Usage: /refund NUMBER (all that is left, and what it bought is taken off) or /refund NUMBER AMOUNT (a part; everything bought stays)
admin-usage-ban = Usage: /ban PLATFORM:ID
admin-usage-unban = Usage: /unban PLATFORM:ID
admin-usage-review = Usage: /review
admin-usage-pause = Usage: /pause
admin-usage-resume = Usage: /resume
admin-usage-pauseclips = Usage: /pauseclips
admin-usage-resumeclips = Usage: /resumeclips
admin-usage-erase = Usage: /erase PLATFORM:ID
admin-done = { $command } done: { $outcome }
admin-granted = { $credits } given, balance { $balance }
admin-none = No photos wait to be looked at.
admin-erased = photos { $photos }, avatars { $avatars }, portraits { $portraits }, clips { $clips }; orders refunded: { $refunded }; stopped, money kept: { $kept }
admin-past-account = an erased account
admin-line = { $name }: { $value }
admin-order-stopped = stopped by the customer, not refunded
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
    { $animating ->
        [on] Clips: on
       *[off] Clips: paused
    }
admin-queue = { $queue }: waiting { $waiting }, running { $running }, workers { $workers }, wait { $wait }
admin-order =
    Order: { $id }
    Customer: { $person }
    Date: { $day }
    Product: { $product }
    State: { $state }
    Amount: { $amount } (charges: { $charges })
    Refunded in parts: { $returned } ({ $parts ->
        [one] { $parts } part
       *[other] { $parts } parts
    })
    Photos: { $accepted } of { $sent }
    Avatar: { $avatar }
    Refund reason: { $reason }
admin-orders-line = { $number } · { $day } · { $state }
history-began = begun
history-charge = { $amount } received, charge { $charge }
history-part-owed = a part of { $charge } is owed back
history-part-back = a part of { $charge } went back
history-avatar-ready = avatar { $avatar } ready
history-job-queued = { $kind }: queued, job { $job }
history-job-begun = { $kind }: begun by { $worker } (tries: { $tries }, failures: { $failures })
history-job-ended = { $kind }: { $state }, cause: { $cause }
history-checks = photos checked: { $count } ({ $states })
history-message = not told yet: { $what } ({ $state }, tries: { $tries })
history-messages = not told yet: { $what }, { $count } of them, from { $oldest } to { $newest } ({ $states }; tries: up to { $tries })
history-act = an admin: /{ $command }, { $outcome }
admin-review-head =
    { $count ->
        [one] { $count } photo waits to be looked at.
       *[other] { $count } photos wait to be looked at.
    }
admin-held =
    { $count ->
        [one] { $count } picture waits to be looked at: /review. What nobody has looked at after { $hours } h is erased.
       *[other] { $count } pictures wait to be looked at: /review. What nobody has looked at after { $hours } h is erased.
    }
admin-held-minor = Perhaps a minor.
admin-held-stated = Perhaps a minor: who sent it says so.
admin-held-indecent = Perhaps indecent.
admin-stated-minor = ⚠ { $person } writes that they are a minor. { $order ->
        [none] They have no order for an avatar
       *[other] Order: { $order } ({ $state })
    }, photos held: { $held }. { $held ->
        [0] {""}
       *[other] Look at these: /review.{" "}
    }{ $paid ->
        [yes] Stop and give back what is paid: /refund { $order }.{" "}
       *[no] {""}
    }Let nothing more be made: /ban { $person }
admin-review-clip = A picture that is to come alive:
admin-review-approve = Usable
admin-review-reject = Not usable
admin-difference-unbooked = ⚠ { $till } took { $theirs } for order { $order }, and its word of it never reached us. It is booked now. Charge: { $charge }
admin-difference-returned = ⚠ { $till } gave back money of order { $order } without our knowing: it held { $ours }, and holds { $theirs } now. It is booked. Of a part, the order stays; if nothing is left, what it had paid for is taken off. Charge: { $charge }
admin-difference-stray = ⚠ { $till } took { $theirs } for “{ $order }”, which is no order of ours. Somebody must look. Charge: { $charge }
admin-difference-amount = ⚠ { $till } and our books disagree on order { $order }: there { $theirs }, here { $ours }. Somebody must look. Charge: { $charge }
admin-difference-kept = ⚠ Of order { $order } our books say that { $till } holds { $ours } after refunds, but it still holds { $theirs }. Somebody must look. Charge: { $charge }
admin-difference-absent = ⚠ { $ours } are booked for order { $order }, of which { $till } knows nothing. Somebody must look. Charge: { $charge }
admin-difference-ledger = ⚠ The ledger’s account of { $till } stands at { $ours }, but its charges come to { $theirs }. Somebody must look.
admin-not-booked-payment = ⚠ A payment that { $till } reports could not be booked: the customer has paid, and their order still waits. It is not acknowledged, and is tried again each time { $till } reports it. The log says where it fails: payment_not_booked. Charge: { $charge }
admin-not-booked-refund = ⚠ A refund that { $till } reports could not be booked. It is not acknowledged, and is tried again each time { $till } reports it. The log says where it fails: payment_not_booked. Charge: { $charge }
admin-booked-after-all-payment = ✓ The payment that { $till } reported and that could not be booked is booked now. Nothing is left to do. Charge: { $charge }
admin-booked-after-all-refund = ✓ The refund that { $till } reported and that could not be booked is booked now. Nothing is left to do. Charge: { $charge }
admin-refund-stuck = ⚠ A refund at { $till } is stuck and has to be dealt with in its merchant console (a card that takes no money, too little on the account, or the like). After that it goes on here by itself; do not refund again. Charge: { $charge }, refund: { $refund }
admin-refund-closed = ⚠ { $till } closed a refund without paying it, most likely because the account held too little for too long. It is asked for anew; please fill the account. Charge: { $charge }, refund: { $refund }
admin-refund-closed_unasked = ⚠ { $till } closed a refund without paying it. It is none that is owed here, most likely one that somebody made in its merchant console: the books stay as they are, and nothing is asked for anew. If it is still wanted, make it again there, or with /refund. Charge: { $charge }, refund: { $refund }
admin-refund-too_much = ⚠ { $till } reports a refund of more than our books have left of this charge: probably one was made here and another in its console. The order stays as it is, and { $till } still asks for what is owed here: somebody must decide. Charge: { $charge }, refund: { $refund }
admin-refund-begun =
    { $gone ->
        [yes] { $amount } are on their way back. What was bought had been erased before: nothing of it is left. You hear if the till wants something.
       *[no] { $amount } are on their way back; nothing is taken back for it. You hear if the till wants something.
    }
admin-differences =
    { $count ->
        [one] ⚠ { $till }: { $count } more difference. All of them: python -m bot reconcile
       *[other] ⚠ { $till }: { $count } more differences. All of them: python -m bot reconcile
    }
admin-help-wanted = { $person } asks for a person’s help with a payment. Their latest paid order: { $order }
admin-worker-fault = ⚠ The worker { $worker } is out of service: { $what ->
        [device] its GPU is missing or does not compute
        [weights] model weights are missing or altered
        [base] a step of the base model fails
        [folder] its temporary folder or its cache cannot be written
        [memory] it has too little memory
        [blob_store] it sees another blob store than this installation’s, or cannot use it
        [master_key] its master key is not this installation’s
       *[other] its self-test fails ({ $what })
    }. No order is lost: it gives its work back and tests itself until it is well. Its log and /readyz say what to do.

# Behind the commands in the platform's menu.
admin-command-stats = people, orders and earnings at a glance
admin-command-queue = how the queues stand
admin-command-order = look at an order
admin-command-grant = give somebody credits
admin-command-refund = refund an order, or a part
admin-command-ban = close an account to new orders
admin-command-unban = open it again
admin-command-review = photos that wait for a person’s eye
admin-command-pause = stop selling
admin-command-resume = sell again
admin-command-pauseclips = take no more pictures to bring alive
admin-command-resumeclips = bring pictures alive again
admin-command-erase = erase somebody; without an id, myself
admin-usage-cases = Usage: /cases
admin-usage-case = Usage: /case NUMBER
admin-usage-answer = Usage: /answer NUMBER WORDS
admin-usage-close = Usage: /close NUMBER
admin-command-cases = questions that wait for a person
admin-command-case = read one of them
admin-command-answer = answer it, in the customer’s chat
admin-command-close = close it
admin-cases-none = No question is open.
admin-cases-more = And { $count } more, which wait less long.
admin-case-open = waits for an answer
admin-case-answered = answered
admin-case-closed = closed
admin-case-line = { $number } · { $state } · { $day } · messages: { $count }
admin-case-who = Customer: { $person } · latest paid order: { $order }
admin-case-earlier = Earlier messages, not shown: { $count }
admin-case-customer = Customer, { $day }:{ $words }
admin-case-studio = Studio, { $day }:{ $words }
admin-case-written = Question { $number }: the customer has written (messages: { $count }). Read it: /case { $number } · answer: /answer { $number } WORDS · close: /close { $number }
admin-case-withdrawn = Question { $number }: the customer has closed it.
