# The album: a person's portraits on a page of their own.
album-title = Your portraits
album-balance =
    { $count ->
        [one] { $count } credit
       *[other] { $count } credits
    }
album-cost =
    { $cost ->
        [one] { $cost } credit
       *[other] { $cost } credits
    }
album-about = { $day } · strength { $strength } · retouching { $beauty }
album-painting = Being made right now. They appear here by themselves.
album-empty = Your portraits will hang here. There are none yet.
album-clips = Clips
album-older = Older portraits
album-menu = More
album-original = Save the original
album-where = Where things stand
album-orders = My orders
album-help = Help with a payment
album-data = What is stored about me
album-erase = Erase everything about me
album-pay = Pay { $amount }
album-bill-sent = The bill is in your chat now. It is paid there.
album-bill-not-sent = The bill could not be sent to your chat just now. Nothing has been charged; ask for it there in a moment.
album-not-sold = Nothing is sold on this page on an iPhone or iPad. To buy, open your album on an Android phone or on a computer. What you have already stays yours everywhere.
album-busy = One moment…
album-offline = No connection to Eider just now. Nothing is lost: try again, and it is still done only once.
album-trouble = Eider cannot answer just now. Try again in a moment; it is still done only once.
album-hold = Press and hold the picture to save it or to send it on.
album-share-in-chat = If nothing happens here: the buttons under the portraits in the chat save and share them too.
album-share-in-chat-typed = If nothing happens here: press and hold a portrait in the chat to save it or send it on.
album-share-by-file = This browser cannot share pictures. Save the original, and send it on from there.
album-checking = Checking that it’s you…
album-outside = This album opens from your chat with Eider, and for you alone. Go back to the chat and open it there.
album-unproven-title = I can’t tell who is looking
album-unproven = The platform did not confirm who you are. Nothing was shown. Open the album from your chat once more.
album-not-yours-title = This album is somebody else’s
album-not-yours = It opens for nobody but its owner. Your own portraits are in your own chat with Eider.
album-over-title = This link has expired
album-over = Links to an album open for a week. Your portraits are still there: say hello to Eider in the chat, and open the album from there.
album-gone-title = There is nothing here any more
album-gone = What was here has been erased, or moved with you to another chat. Open the album from your chat with Eider.
album-unknown-title = There is no such album
album-unknown = Perhaps the link lost a piece on its way. Open the album from your chat with Eider.
album-noscript = To do anything here, this page needs JavaScript. Please switch it on, or go on in the chat.
