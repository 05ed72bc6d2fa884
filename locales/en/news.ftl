# What workers, tills and the clock have to tell.
news-avatar-ready = Your avatar is ready; making it took { $span }. Your first portraits are on their way.
news-avatar-failed =
    I’m sorry, it didn’t work this time, and the fault is mine. { $amount } is on its way back automatically. Your photos will be erased, and a receipt follows.
news-shoot-failed =
    { $credits ->
        [one] I’m sorry, the “{ $style }” set failed, and { $credits } credit is back with you. Try again, or choose another style.
       *[other] I’m sorry, the “{ $style }” set failed, and { $credits } credits are back with you. Try again, or choose another style.
    }
news-wish-failed =
    { $credits ->
        [one] I’m sorry, the pictures in your own words failed, and { $credits } credit is back with you. Try again, or say it in other words.
       *[other] I’m sorry, the pictures in your own words failed, and { $credits } credits are back with you. Try again, or say it in other words.
    }
news-wish-not-passed =
    { $credits ->
        [one] I’m sorry: nothing that I painted from your words passed my own check (decent, an adult, the face right), and I don’t hand such pictures out. { $credits } credit is back with you. Other words may go better.
       *[other] I’m sorry: nothing that I painted from your words passed my own check (decent, an adult, the face right), and I don’t hand such pictures out. { $credits } credits are back with you. Other words may go better.
    }
news-refunded = { $amount } has been returned. How soon it arrives depends on how you paid.
news-reduced = { $amount } of what you paid has been returned to you by the studio. Nothing is taken back for it. How soon it arrives depends on how you paid.
news-given-back =
    { $what ->
        [done] The studio is giving { $amount } back to you for your avatar. So it ends here: the avatar and its portraits are being erased, and unspent credits that came with it are gone.
        [stopped] The studio is giving { $amount } back to you for the order that was stopped. What belonged to it has been erased already.
        [credits] The studio is giving { $amount } back to you, so the credits it had bought are taken back, as many as you still had.
       *[paid] The studio is giving { $amount } back to you for your avatar. So work on it ends here, and its photos are being erased.
    } If you have a question about it, write to /paysupport.
news-returned-avatar = { $amount } was given back to you by the payment provider. So what it had paid for ends here: the avatar and its portraits are being erased, and unspent credits that came with it are gone. If that wasn’t your wish, write to /paysupport.
news-returned-credits = { $amount } was given back to you by the payment provider, so the credits it had bought are taken back, as many as you still had. If that wasn’t your wish, write to /paysupport.
news-uploads-erased =
    { $count ->
        [one] Receipt of erasure: the { $count } photo of yours that I still had is gone, and its key is destroyed. Nobody can bring it back.
       *[other] Receipt of erasure: all { $count } photos of yours that I still had are gone, and their key is destroyed. Nobody can bring them back.
    }
news-training-erased =
    { $count ->
        [one] Receipt of erasure: the { $count } photo of yours that I still had is gone, and its key is destroyed. Nobody can bring it back. I looked for the training’s interim files too: none is left.
       *[other] Receipt of erasure: all { $count } photos of yours that I still had are gone, and their key is destroyed. Nobody can bring them back. I looked for the training’s interim files too: none is left.
    }
news-approved = Somebody has looked at photo { $number }: it’s fine, and it counts.
news-approved-late = Somebody has looked at photo { $number }: it’s fine. Your avatar went ahead without it.
news-rejected = Somebody has looked at photo { $number }: it can’t be used, and it isn’t counted.
news-held-erased =
    { $count ->
        [one] One photo was waiting for somebody to look at it. Nobody had by the time the photos were erased: it wasn’t used, and it’s gone too.
       *[other] { $count } photos were waiting for somebody to look at them. Nobody had by the time the photos were erased: they weren’t used, and they’re gone too.
    }
news-open-again = The studio is at work again: you can go on where you stopped.
news-expired =
    { $hours ->
        [one] { $hours } hour went by without a payment, so the order is cancelled and your photos are being erased. Come back any time.
       *[other] { $hours } hours went by without a payment, so the order is cancelled and your photos are being erased. Come back any time.
    }
news-granted =
    { $credits ->
        [one] { $credits } credit for you, on the house. You now have { $balance }.
       *[other] { $credits } credits for you, on the house. You now have { $balance }.
    }
news-referral-host =
    { $credits ->
        [one] The avatar of a friend you invited is ready. { $credits } credit for you, with thanks; you now have { $balance }.
       *[other] The avatar of a friend you invited is ready. { $credits } credits for you, with thanks; you now have { $balance }.
    }
news-referral-guest =
    { $credits ->
        [one] Because a friend sent you: { $credits } credit more. You now have { $balance }.
       *[other] Because a friend sent you: { $credits } credits more. You now have { $balance }.
    }
news-referral-settled =
    { $settled ->
        [one] { $settled } credit of an invitation’s thanks made up for an earlier one, which was undone after its credits were spent.
       *[other] { $settled } credits of an invitation’s thanks made up for an earlier one, which was undone after its credits were spent.
    }
news-referral-back =
    { $credits ->
        [one] The order of a friend you invited was undone, so { $credits } credit of the thanks, still unspent, has been taken back.
       *[other] The order of a friend you invited was undone, so { $credits } credits of the thanks, still unspent, have been taken back.
    }
news-button-again = Start again
news-erased = I looked again: of your photos, your avatar, its training and your portraits nothing is left in the store, and no key is left either.
# A template message to somebody who must write first; at most 20 signs.
waits-portraits = Portraits are ready
waits-clip = Your clip is ready
waits-news = News is waiting
