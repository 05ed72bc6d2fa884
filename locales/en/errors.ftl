# A rule said no: what happened, and what to do next.
error-unknown = That isn’t possible right now.
error-unexpected = I’m sorry, something went wrong on my side, not yours. Please try again; if it stays stuck, give us this code: { $code }
error-not-found = I can’t find that. It may be out of date.
error-duplicate = That was done a moment ago.
error-not-allowed = That can’t be done at this point.
error-case-closed = This question is closed already: nothing was passed on.
error-number-too-short = Please type at least the first { $digits } digits of the number.
error-number-ambiguous = More than one begins so: { $numbers }. Type the whole number.
error-banned = This account has been closed to new orders. You can still see and erase your data.
error-consent-missing = I need your consent before we can go on.
error-already-paid = This is already paid. Nothing more was charged.
error-bill-outdated = This bill is out of date. Nothing was charged. Type “continue” to see the current one.
error-sales-paused = The studio isn’t taking new orders at the moment. Your photos are still here; come back later to pay. Nothing was charged.
error-queue-too-long =
    { $minutes ->
        [one] The queue is too long: more than { $minutes } minute. I won’t take your money and keep you waiting, so please come back later. Nothing was charged.
       *[other] The queue is too long: more than { $minutes } minutes. I won’t take your money and keep you waiting, so please come back later. Nothing was charged.
    }
error-nobody-works = The studio’s machines are away for the moment, so I won’t take your money now. Nothing was charged. I’ll write to you here when you can order again.
error-nobody-generates = No machine that generates clips is at work just now, so I won’t take your credits for one. The motions below the picture can be had at once.
error-too-few-photos = Only { $accepted } usable so far; I need at least { $minimum }. Send { $missing } more, then we can go on.
error-still-checking = I’m still looking at { $checking } more. A few seconds, then try again.
error-enough-photos = That’s enough photos ({ $maximum } at most), so I didn’t take this one. You can go on.
error-too-few-credits = Not enough credits: this takes { $needed } and you have { $balance }.
error-avatar-missing = You have no avatar yet. Make one first, then we can shoot.
error-template-not-shown = The image model of this studio can’t do that style justice, so I’m not selling it yet.
error-clips-paused = I’m not bringing pictures alive at the moment. Nothing was charged; please try again later.
error-likeness-ceiling = This is as much like you as it gets; beyond it the face turns stiff. Try another set or another style.
error-beauty-ceiling = That is all the retouching I do; beyond it, it wouldn’t be you.
error-wrong-amount = The amount paid doesn’t match the bill. Our staff are looking into it; your money is safe.
error-part-too-large = A part must be more than nothing and less than what is left of the payment ({ $left }). To give back all that is left, leave the amount out: then what was bought is taken off.
error-refunds-whole-only = This till gives back whole payments only. Leave the amount out to refund the order; what it bought is taken off then.
error-till = The till isn’t answering at the moment. Nothing was charged. Try again shortly.
error-no-face-to-move = That motion needs a face, and I can move none in this picture. The camera’s motions work.
