# What happens to the photos, the consents, and the word for the person.
terms =
    What happens to your photos, in plain words:

    In short: I use your photos for your avatar or your clip alone, and erase them as soon as it is done.
    If the avatar fails, all your money comes back; /erase deletes everything, any time.

    · Adults only. For an avatar, only photos of yourself; whose photo may come alive, I ask each time.
    · They are used to make your digital avatar, or your clip, and for nothing else. No other model learns from them; a photo for a clip teaches none at all.
    · They are stored encrypted. They are erased as soon as the avatar is made, and also if it fails, if you cancel, or after { $hours ->
            [one] { $hours } hour
           *[other] { $hours } hours
        } without payment. You get a receipt. A photo that came alive is erased as soon as its clip is done.
    · I locate faces to crop photos, to count people and to see whether a photo is usable: uncovered, not sent twice, of an adult. While training I also look at what the face does (expression, turn, eyes and mouth), so that grimaces count less; that is forgotten at once. For the check I keep with each photo what I found: which way and how close the face is, how young it looks, and checksums of the picture and of the face. This is deleted with the order’s photos, at the latest. The checksums are compared only with those of your other photos in the same order, to notice one photo sent twice, and never used to tell who somebody is. No facial key points and no face embeddings are stored.
    · Nobody but you sees your photos, avatar or portraits. One exception: if the checks are unsure whether photos may be accepted, a member of staff looks at those photos and no others.
    · The portraits are yours. Sharing them is up to you.
    · The law requires an “AI-generated” label on every portrait and clip. Please leave it on.
    · The portraits are painted. They are no photos for papers, and please don’t use them for a face check. I don’t swap faces.
    · If the avatar fails, you are refunded in full, automatically. If a portrait or a clip fails, its credits come back.
    · If you stop a paid order yourself (/cancel, /revoke, /erase), all your money comes back as long as work on the avatar hasn’t begun. Once it has begun, the work stops and everything is erased, but the money stays.
    · /erase deletes everything, any time.

    Is that all right?
terms-button-yes = Yes, and I’m an adult
terms-button-no = No
terms-button-privacy = Privacy notice
terms-changed = The terms have changed since you agreed to them, so I’m asking again. What you have paid for already goes on under the terms you had agreed to.
terms-agreed = You have already agreed to these terms (version { $version }).
terms-declined = That’s fine. I won’t take or keep any photos. If you change your mind, just read them again.
terms-button-again = Read again
terms-prompt = Read the terms above and choose “Yes” to go on, or “No” if you’d rather not.
terms-prompt-changed = The terms have changed since you agreed to them. Read the new ones and choose “Yes” to go on, or “No” if you’d rather not.

training-ask =
    One more question, on its own, because it’s about your face:

    Do you agree that I train a digital avatar, yours alone, from the photos you send me?

    Saying no is fine, but then I can’t make an avatar. You can withdraw with /revoke at any time: unfinished work stops and a finished avatar is erased. The price of work that has begun isn’t refunded then.
training-button-yes = Yes, make my avatar
training-button-no = Not now
training-declined = All right, no photos for now. Whenever you’re ready, tell me.
training-button-again = Let me think again
training-prompt = Only this one separate consent is missing before you can send photos.

-privacy-clips = Clips: only with your separate consent. The photo is encrypted with a key of its own; key and photo are destroyed when the clip is done, fails or is given up. The points on faces exist in memory while they move, and are neither stored nor passed on. With a clip I keep who you said was on it, the motion, how many faces moved and what was mended; not a word of who they are.
privacy =
    Privacy notice

    What I keep: your id on this platform, your language, your consents, your orders and the accounts; the word you chose for the person, how like you and how retouched you want to be, and each set’s expression; and, if a friend’s link brought you, whose it was. Not your name, and of what you type only this: that you’re under 18, if you say so; if you ask for a picture in your own words, what I heard of them, encrypted, so that it can be painted again; if you don’t order it, for a day or so, and for nothing else; and if you ask for a person of the studio, what you both write, encrypted, for 30 days after the last word.
    Photos: encrypted with a separate key for each order. Once the avatar is made, the key and the photos are destroyed.
    Photo checks: while training I also look, in memory alone, at the face’s expression, turn, eyes and mouth, and forget it. With each photo I keep what the check found (which way and how close the face is, how young it looks, or why the photo was refused) and checksums of the picture and of the face. The checksums are compared only within the order, to notice one photo sent twice. All this is deleted when the order’s key is destroyed, at the latest.
    Training: only with your separate, explicit consent do I train an avatar (a small model, a LoRA) on the photos you sent for it. It is yours alone, no other model learns from them, and /revoke takes the consent back at any time: then it is erased.
    Comparing: only with one more consent each, both optional. With one, the photos you send for an avatar are compared with each other when you ask for it, before you pay; which looked alike and which didn’t is kept with the photos, and goes with them. With the other, the first portraits are painted before your photos are erased and compared with them once, to give you the ones most like you. Face features exist in memory for that moment only; they are neither stored nor passed on. How like the portraits come out is counted for five customers or more at once, without whose. Later portraits are not compared: the photos are gone by then. You can change your mind below at any time; your avatar stays.
    { -privacy-clips }
    Avatar, portraits and clips: kept encrypted until you erase them.
    Payments: the till of your platform takes the money and tells me its number and the amount. I see no card and no name. Which chat of yours paid I keep for a refund; of somebody else, only that it was not you.
    Against floods: what is asked of me is counted under a keyed hash of your id and your network address, for at most a day; these counts outlive an erasure.
    Messages: where a platform limits mine, I keep under such a hash when you last wrote and when I did since, for two weeks at most.
    Accounts: the law makes us keep them. They hold ids and amounts, not who you are.
    After /erase: for { $days } days a keyed hash of your id on this platform stays. It says that you were here before, so that nobody counts as a newcomer twice. If the account was closed to new orders, it says that too, and stays for { $years } years. Nobody can read your id from it, and then it is deleted.
    Connected chats: only if you connect several chats yourself (/link). Then I keep which of them are yours, when you last came to each, and which of them paid, so that a refund finds its way. /unlink ends the connection, /erase deletes all of this. Of a code to connect chats a keyed hash is kept, for minutes.
    Who handles all this: our own machines, nobody else’s.
    Your rights: /mydata shows what is stored, /erase deletes everything, /revoke withdraws consent.
privacy-button-terms = What happens to my photos

subject-ask =
    What should I call the person in the photos? It only affects how I draw, and which styles you see first.
subject-button-woman = Woman
subject-button-man = Man
subject-button-person = Neither / rather not say
subject-prompt = Pick one, and you can send photos straight away.

revoke-ask =
    Withdraw your consent to making an avatar from your photos?

    If you do: an unpaid order is cancelled and its photos are erased. A finished avatar and its portraits are erased for good, so save the portraits you want to keep first.

    { $fate ->
        [loss] Work on your avatar has begun. It stops, everything is erased, and the { $lost } you paid is not refunded.
        [refund] The order is cancelled, and all { $back } goes back to you.
        [owed] { money-owed }
       *[yes] No unfinished order is paid, so nothing is refunded.
    }
revoke-button-yes = Withdraw and erase
revoke-button-no = Keep it
revoke-kept = All right, nothing has changed.
revoke-done =
    Withdrawn. I no longer use your photos or avatar; they are being erased. If you change your mind, you can agree again.

    { $fate ->
        [loss] The work that had begun is stopped. The { $lost } paid for it is not refunded.
        [refund] { $back } is on its way back to you.
        [owed] { money-owed }
       *[yes] No unfinished order was paid, so nothing is refunded.
    }
revoke-none = There is no such consent at the moment, so there is nothing to withdraw.

closed-sales-paused =
    { $hours ->
        [one] A word before you begin: the studio isn’t taking new orders at the moment. You can look around and get ready, and pay once it opens; photos are erased after { $hours } hour without payment.
       *[other] A word before you begin: the studio isn’t taking new orders at the moment. You can look around and get ready, and pay once it opens; photos are erased after { $hours } hours without payment.
    }
closed-nobody-works =
    { $hours ->
        [one] A word before you begin: the studio’s machines are away for the moment, so I’m not taking new orders. You can look around and get ready, and pay once they are back; photos are erased after { $hours } hour without payment.
       *[other] A word before you begin: the studio’s machines are away for the moment, so I’m not taking new orders. You can look around and get ready, and pay once they are back; photos are erased after { $hours } hours without payment.
    }
closed-queue-too-long =
    { $hours ->
        [one] A word before you begin: the queue is about { $span } long, so I’m not taking new orders for now. You can look around and pay later; photos are erased after { $hours } hour without payment.
       *[other] A word before you begin: the queue is about { $span } long, so I’m not taking new orders for now. You can look around and pay later; photos are erased after { $hours } hours without payment.
    }
# Who says that they are a minor.
minor-said =
    I make portraits and clips of adults only: 18 and over.{ $held ->
        [0] { " " }Photos of you that you send now wait until a member of staff has seen that you’re an adult; until then they can’t be paid for.
        [one] { " " }Your photo is held until a member of staff has looked at it, as is what you send before that; until then nothing can be paid for.
       *[other] { " " }Your photos are held until a member of staff has looked at them, as is what you send before that; until then they can’t be paid for.
    }{ $told ->
        [yes] { " " }I’m telling a member of staff what you said about your age. If I misunderstood you, say so to a person;
       *[no] { " " }Nobody at the studio can be reached through me at the moment;
    } /erase deletes everything.
