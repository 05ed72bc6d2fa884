# Linking two chats of one person by a code, and parting them.
channel-telegram = Telegram
channel-wechat = WeChat
channel-playground = the web page

# A chat of somebody who has linked several: as one where they are not, another on the same
# platform, and that where this is read.
chat-on = a chat on { $channel }
chat-other = your other chat on { $channel }
chat-other-since = your other chat on { $channel } (you wrote there on { $day })
chat-here = this chat on { $channel }

command-link = connect my chats, as one account
command-unlink = part my connected chats

link-intro =
    Do you use me in another chat as well? Connected, the two are one account: the same avatars, portraits, credits and language in both.

    In one of them press “Show a code”, in the other send /link and type that code. If your other chat shows one already, type it here now.

    Nothing is connected before you have read what happens then and said yes.
link-intro-typed =
    Do you use me in another chat as well? Connected, the two are one account: the same avatars, portraits, credits and language in both.

    In one of them choose “Show a code”, in the other send /link and type that code. If your other chat shows one already, type it here now.

    Nothing is connected before you have read what happens then and said yes.
link-button-show = Show a code
link-button-cancel = Never mind
link-prompt = Type the code that your other chat shows ({ $length } letters and digits), or press the button to get one here.
link-prompt-typed = Type the code that your other chat shows ({ $length } letters and digits), or choose “Show a code” to get one here.
link-code =
    { $code }

    Send this in your other chat with me: /link { $code }

    It is good once and for { $wait }; a code from before is good no more. Show it to nobody: whoever types it and says yes shares your account.
link-code-typed =
    { $code }

    In your other chat with me, send: link { $code }

    It is good once and for { $wait }; a code from before is good no more. Show it to nobody: whoever types it and says yes shares your account.
link-ask =
    Connect this chat with the one on { $channel } that showed the code?

    · What is yours here goes into one account with what is there: { $avatars ->
            [one] { $avatars } finished avatar
           *[other] { $avatars } finished avatars
        }, { $credits ->
            [one] { $credits } credit
           *[other] { $credits } credits
        }, portraits and orders. Nothing is erased. Then either chat shows, uses and can erase all of it.
    · The language chosen there counts, or else the one chosen here.
    · What you agreed to counts for both while the words are the same. If they have changed, or you withdrew it later in either chat, I ask again.
    · News go to the chat where you spoke last. Refunds go back the way you paid.
    · If one chat had invited the other, what that earned is taken back. Credits for an invitation that are still to come lapse if the other chat has bought an avatar.
    · /unlink parts the chats again. Then everything stays on one side, and the other begins empty.

    Say yes only if both chats are yours alone.
link-ask-prompt = Press “Yes, both are mine” to connect the two chats, or “No” to leave them as they are.
link-ask-prompt-typed = Choose “Yes, both are mine” to connect the two chats, or “No” to leave them as they are.
link-button-yes = Yes, both are mine
link-button-no = No
link-kept = All right, nothing was connected.
link-done = Connected: this chat is one account now with { $chats }. /unlink parts them again.
link-wrong =
    { $left ->
        [one] That code isn’t good. A code works once, for a short time, and in another chat than the one that shows it. You have { $left } try left.
       *[other] That code isn’t good. A code works once, for a short time, and in another chat than the one that shows it. You have { $left } tries left.
    }
link-closed = That was too many codes that aren’t good. For your safety I’ll look at none for { $wait }.
link-moderator = Admins’ chats can’t be connected: their rights belong to one chat alone.
photo-while-linking = I didn’t take this photo: I’m waiting for a code, or for your answer, to connect your chats.

unlink-none = This chat is connected with no other.
unlink-ask =
    Your connected chats: { $chats }.

    · “This chat leaves”: avatars, portraits, credits and orders all stay in the others. This chat begins empty.
    · “The others leave”: all of it stays here. Each of the others begins empty.

    Whoever begins empty is no newcomer: an invitation earns nothing again. Refunds still go back the way you paid. What was sent to a chat stays to be seen there.
unlink-button-here = This chat leaves
unlink-button-others = The others leave
unlink-button-no = Leave them connected
unlink-kept = All right, your chats stay connected.
unlink-done-here = Done. This chat is connected no more and begins empty; everything stayed in the others.
unlink-done-others = Done. The other chats are connected no more and begin empty; everything stayed here.

news-linked = This chat is one account now with { $chat }: a code from here was typed there, or from there here. If that wasn’t you, part them at once.
news-unlinked = No longer connected with this chat: { $chat }. Everything stays here.
news-parted = This chat is no longer connected with your others. Everything stayed there, and this chat begins empty.
news-chat-erased = I looked again: nothing that was kept for this chat alone is left. What is yours in your other chats is untouched by this.

mydata-button-link = Connect my chats
mydata-button-unlink = My connected chats
mydata-linked =
    Your chats are connected: { $chats }. All of the above is shown in each of them. For each I keep your id there and when you last came to it from another, and of a payment which of them paid.

erase-linked = Your chats are connected ({ $chats }). “Erase everything” erases it in all of them. “Only this chat” makes me forget this chat alone: your avatars, portraits, credits and orders stay in the others, and no order is stopped. What is kept after an erasure is kept of your id in each chat that it erases.
erase-button-chat = Only this chat
erase-chat-receipt =
    Receipt of erasure
    { $day }

    I have forgotten this chat: it is connected with nothing any more, and what was kept for it alone is erased. Your avatars, portraits, credits and orders stayed in your other chats.
    To begin anew here, type “start”.

error-too-many-codes = You’ve asked for or typed a great many codes. You can go on in { $wait }.
error-link-expired = That code is good no more: its time is over, or it was used. Nothing was connected; get a new one with /link.
error-two-orders-open = Both chats have an avatar order under way, and one account has one at a time. Finish one of them, or /cancel it in its chat; then connect the two. Nothing was connected.
error-too-many-chats = That would be too many connected chats: { $maximum } is the most. Nothing was connected.
