# Paying and waiting.
bill-title-avatar = Eider · one digital avatar
bill-title-credits =
    { $credits ->
        [one] Eider · { $credits } credit
       *[other] Eider · { $credits } credits
    }
bill-avatar =
    { $price }, once, nothing on top.

    You get:
    · a digital avatar made from your photos ({ $accepted })
    · a first set of portraits ({ $portraits }), in the style “{ $style }”
    · { $sets ->
        [0] credits to go on with other styles ({ $credits })
        [one] one more set in another style (credits: { $credits })
       *[other] { $sets } more sets in other styles (credits: { $credits })
    }

    { $compared ->
        [all] I’ve compared these photos with each other, as you asked. I may be wrong: before you pay, check that all of them are you.
        [some] So far I’ve compared only some of these photos with each other: before you pay, check that all of them are you.
       *[none] Unless you ask me to, I don’t compare whether these photos show one person: before you pay, check that all of them are you.
    }

    If it can’t be made, you are refunded in full, automatically. You can also cancel for a full refund before work begins; once it has begun, stopping it isn’t refunded.
bill-referral =
    { $credits ->
        [one] And because a friend sent you, you each get { $credits } credit more once your avatar is ready.
       *[other] And because a friend sent you, you each get { $credits } credits more once your avatar is ready.
    }
bill-credits =
    { $credits ->
        [one] { $credits } credit for { $price }. A set of portraits costs { $cost }, a clip { $clip }; credits for what fails come back.
       *[other] { $credits } credits for { $price }. A set of portraits costs { $cost }, a clip { $clip }: that is { $sets ->
            [one] { $sets } set
           *[other] { $sets } sets
        } or { $clips ->
            [one] { $clips } clip
           *[other] { $clips } clips
        }. Credits for what fails come back.
    }
# The address of a page where it is paid; a picture to scan; both under the bill.
bill-link = Pay here: { $url }
bill-scan = Hold the code above for a moment to pay; on a computer, scan it with your phone.
bill-button-pay = Pay here in the chat
bill-button-cancel = Don’t buy
bill-prompt = The bill is out. I start as soon as it’s paid.
bill-outdated = This bill is out of date: your photos, or what I know of them, have changed since. It can’t be paid any more; what arrives for it all the same goes back to you in full. Once these are all your photos, I’ll make you a new one.
bill-outdated-age = This bill is out of date: because of what you said about your age, your photos wait for a member of staff. It can’t be paid any more; what arrives for it all the same goes back to you in full.
bill-changed = That was an earlier bill: what it sells has changed since. Nothing was charged. This is the one that counts now:
bill-nothing = There is no bill to pay right now.
bill-failed = The till didn’t answer. Nothing has been charged. Try again in a moment.
bill-unshown = I couldn’t show you the bill here. Nothing has been charged. Try again in a moment.
bill-button-retry = Try again
paid-button-clip = Choose how the photo moves
paid = { $amount } received, thank you.
receipt-line = { $number } · { $day } · { $product }
paid-credits =
    { $credits ->
        [one] { $amount } received. { $credits } credit added; you now have { $balance }.
       *[other] { $amount } received. { $credits } credits added; you now have { $balance }.
    }
pay-twice = I received a second payment of { $amount } for something that is already paid. It goes back to you in full, automatically; you needn’t do anything.
pay-too-late = I received { $amount }, but that bill was no longer open. It goes back to you in full, automatically; you needn’t do anything.
pay-wrong-amount = I received { $amount }, which is not the amount of the bill. It goes back to you in full, automatically. The bill is not paid by it, and still waits.
pay-returned = I heard of a payment of { $amount } that had been given back already. You needn’t do anything; the bill is not paid by it, and still waits.
pay-banned = I received { $amount }, but this account is closed to new orders. It goes back to you in full, automatically; you needn’t do anything.
pay-received = { $amount } received, thank you.
pay-unknown = I received { $amount }, but I can’t tell what for. Your money is safe: a person will look into it. If you write to /paysupport about it, mention { $code }.

waiting-queue =
    { $ahead ->
        [0] You’re next.
        [one] You’re in the queue, { $ahead } person ahead of you.
       *[other] You’re in the queue, { $ahead } people ahead of you.
    }
waiting-eta = About { $span } to go.
waiting-eta-unknown = I can’t say yet how long it will take; I’ll tell you as soon as I know.
waiting-eta-no-worker = No machine is at work on this just now, so I can’t say how long it will take. Your place is kept.
waiting-halted =
    { $stopped ->
        [yes] The studio has stopped: no machine is at work on this any more, so I can’t say how long it will take.
       *[no] No machine is at work on this just now, so I can’t say how long it will take.
    } { $held ->
        [money] Your money and your place in the queue are kept.
        [credits] Your credits and your place in the queue are kept.
       *[nothing] Your place in the queue is kept.
    } As soon as a machine is there, the work goes on by itself.
waiting-working = Making your avatar: { $percent }.
waiting-leave = You may close the chat; I’ll write to you here when it’s ready.
waiting-leave-open = You may close this page: the work doesn’t need it. I can’t call you from here, so look in again; everything will stand here.
waiting-leave-contact = You may close the chat; I’ll write to you here when it’s ready. If you haven’t written for two days, this chat won’t let me: then send a word, and I’ll tell you.
waiting-prompt = Your avatar is being made. There’s nothing you need to do.
waiting-sample = A first try for you to peek at. The learning isn’t finished, so it doesn’t count yet.
ended-sample = The first try is put away; it was for the wait alone.
ended-training =
    { $how ->
        [done] The training is done.
        [failed] The training ended without an avatar.
       *[cancelled] The training was cancelled.
    }
waiting-button-refresh = How far is it?
waiting-button-cancel = Cancel and refund

cancel-nothing = There is nothing to cancel right now. If a finished order went wrong, type /paysupport.
cancel-ask-photos = Cancel? The photos you sent will be erased at once.
cancel-ask-bill = Cancel this order? Nothing has been charged, and your photos will be erased at once.
cancel-ask-paid = Work hasn’t started, so you can cancel and get all { $amount } back. Your photos will be erased at once. Are you sure?
cancel-too-late =
    Work has begun and machine time can’t be taken back, so cancelling is no longer possible. If it fails, you are refunded in full.

    { $kept ->
        [yes] If you no longer want your photos used, withdraw your consent (/revoke): work stops and everything is erased, but the { $amount } you paid is not refunded.
       *[no] If you no longer want your photos used, withdraw your consent (/revoke): work stops, everything is erased, and all { $amount } goes back to you.
    }
cancel-button-yes = Cancel it
cancel-button-no = Don’t cancel
cancel-kept = All right, on we go.
cancel-done = Cancelled; nothing was charged. Your photos are being erased, and a receipt follows.
cancel-refunding = Cancelled; { $amount } is on its way back. Your photos are being erased, and a receipt follows.
cancel-credits = The bill for credits is cancelled; nothing was charged.
waiting-stage-loading = Getting ready.
waiting-stage-preparing = Sorting your photos.
waiting-stage-training = Learning what you look like.
waiting-stage-sampling = Trying a first shot.
waiting-stage-painting = Shooting.
bill-button-show = Show the bill
# Where somebody stands whose last order has ended, before what can be done now.
ended-refunding = Your last order’s { $amount } is on its way back to you; nothing of its avatar, portraits and photos is kept. To make a new avatar, begin again below.
ended-refunded = Your last order’s { $amount } has gone back to you (how soon it arrives is up to the payment provider); nothing of its avatar, portraits and photos is kept. To make a new avatar, begin again below.
ended-stopped = Your last order was stopped as you wished, and what belonged to it is erased. To make a new avatar, begin again below.
