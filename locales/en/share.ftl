# Sharing and inviting: in the person's own chat, in another chat they choose, in groups.
share-ask = Which one? Count as in the album above. Whom you send it to is up to you; nothing goes anywhere until you do.
share-ask-typed = Whom you send it to is up to you: hold the portrait that you want to send for a moment, then forward it. Nothing goes anywhere until you do.
share-button-one = Picture { $number }
share-button-send = Send to somebody
share-caption = A portrait by Eider · AI-generated
share-show-first = Open this picture in our chat first
share-open = Open Eider

invite =
    { $credits ->
        [0] Like it? Bring a friend: press below and choose a chat to send the invitation to.
        [one] Bring a friend: if they come by your link, you each get { $credits } credit once their first avatar is ready. If they are refunded later, it is taken back; once spent, it comes off your next reward.
       *[other] Bring a friend: if they come by your link, you each get { $credits } credits once their first avatar is ready. If they are refunded later, unspent ones are taken back, and spent ones come off your next reward.
    }
invite-typed =
    { $credits ->
        [0] Like it? Bring a friend.
        [one] Bring a friend: if they come by your code, you each get { $credits } credit once their first avatar is ready. If they are refunded later, it is taken back; once spent, it comes off your next reward.
       *[other] Bring a friend: if they come by your code, you each get { $credits } credits once their first avatar is ready. If they are refunded later, unspent ones are taken back, and spent ones come off your next reward.
    }
invite-button-send = Send to a friend
invite-button-link = My invitation link
# Under the picture of a code that leads to us.
link-scan = The code above is your invitation, good for { $days } days: hold it for a moment, then forward it to a friend.

invited-taken =
    { $credits ->
        [0] A friend sent you: welcome.
        [one] A friend sent you: welcome. Once your first avatar is ready, you each get { $credits } credit.
       *[other] A friend sent you: welcome. Once your first avatar is ready, you each get { $credits } credits.
    }
invited-own = That is your own invitation link. It works for your friends, so send it to one.
invited-known = Invitations are for newcomers, and you have been here before, so this one doesn’t count.

invitation-title = Invite a friend
invitation-about =
    { $credits ->
        [0] Send an invitation here
        [one] Send an invitation here; you each get { $credits } credit
       *[other] Send an invitation here; you each get { $credits } credits
    }
invitation =
    { $credits ->
        [0] Come and have your portrait made by Eider, a studio inside a chat: your photos become a digital avatar that is yours alone, and then studio portraits that look like you.
        [one] Come and have your portrait made by Eider, a studio inside a chat: your photos become a digital avatar that is yours alone, and then studio portraits that look like you. With this link we each get { $credits } credit once your first avatar is ready.
       *[other] Come and have your portrait made by Eider, a studio inside a chat: your photos become a digital avatar that is yours alone, and then studio portraits that look like you. With this link we each get { $credits } credits once your first avatar is ready.
    }
invitation-button-open = Have a look

group-hello =
    I’m Eider, a portrait studio inside a chat. Terms, photos, payment and portraits all belong in your private chat with me, where nobody else sees them.

    In a group I only answer commands: send /portrait, and I post one of your own portraits here.
group-no-portrait = You have no portrait yet that I could post here. Let’s make some in our private chat first.
group-no-such-portrait = There is no portrait in that place. /portrait is the first of your newest set, /portrait 2 the second; higher numbers are older.
group-portrait = { $style } · AI-generated
group-command-portrait = post a portrait of mine here
group-command-start = what Eider is
group-command-help = what I can do in a group
