# Sending photos: how, the running count, what is wrong with which, what is still missing.
photos-ask =
    Now send me your photos: { $asked } is best, { $minimum } is the least. One by one or all at once, as you like.

    Good ones look like this:
    · only you, your face clear, not covered by hands, a mask or sunglasses
    · from the front, from the left and from the right; some close, some from the waist up
    · a calm face or a soft smile, eyes open and on the camera: grimaces show your features, but portraits take their look from calm faces
    · different days, clothes and light
    · no heavy beauty filters, or the portraits won’t look like you
photos-tips =
    For the best likeness:

    Stand by a window, facing the light, and ask someone to take the pictures, or rest the phone on something. Keep your face calm, smile softly in some, and look into the camera: the portraits take their look from these, a wink or a grimace would come back in them. Start from the front, then turn slowly left and right, a few shots each. Come close for the face, step back for the upper body. Change clothes and room, and do it again.
    No beauty mode. Photos from the past year in your album are fine too; sent as files they are sharper.
photos-tips-pictures =
    For the best likeness:

    Stand by a window, facing the light, and ask someone to take the pictures, or rest the phone on something. Keep your face calm, smile softly in some, and look into the camera: the portraits take their look from these, a wink or a grimace would come back in them. Start from the front, then turn slowly left and right, a few shots each. Come close for the face, step back for the upper body. Change clothes and room, and do it again.
    No beauty mode. Photos from the past year in your album are fine too; send them in full size where your chat lets you: they are sharper.
photos-button-tips = How to take good ones
photos-button-done = Use these
photos-button-cancel = Cancel
photos-prompt = Just keep sending photos, then choose “Use these”.
photos-prompt-few = Just send me photos. We can go on as soon as { $minimum } are usable.

tally-none = No photos have arrived yet.
tally-head =
    { $sent ->
        [one] { $sent } photo received, { $accepted } usable.
       *[other] { $sent } photos received, { $accepted } usable.
    }
tally-checking = Looking at { $count } more…
tally-held =
    { $count ->
        [one] I’m unsure about { $count } photo. A member of staff will look at it, and I’ll tell you.
       *[other] I’m unsure about { $count } photos. A member of staff will look at them, and I’ll tell you.
    }
tally-held-age =
    { $count ->
        [0] Because of what you said about your age, photos of you don’t count until a member of staff has seen that you’re an adult.
        [one] Because of what you said about your age, { $count } photo waits for a member of staff. There’s nothing more to send for now.
       *[other] Because of what you said about your age, { $count } photos wait for a member of staff. There’s nothing more to send for now.
    }
tally-flaws = Not counted:
tally-numbers = { $flaw } (no. { $numbers })
tally-need =
    { $missing ->
        [one] { $missing } more usable photo makes the minimum of { $minimum }.
       *[other] { $missing } more usable photos make the minimum of { $minimum }.
    }
tally-enough = Enough to begin. With { $asked } it will look more like you: { $missing } to go.
tally-full = That’s plenty: { $accepted } are here.
tally-wishes = If you have them, these would help most: { $wishes }.
photos-done-waits = I’m still looking at { $checking } more. As soon as that’s done, I go on by myself.
ended-tally =
    { $how ->
        [paid]
            { $sent ->
                [one] { $sent } photo was sent, and { $accepted } is used.
               *[other] { $sent } photos were sent, and { $accepted } are used.
            }
       *[ended] This order takes no more photos.
    }

flaw-unreadable =
    { $count ->
        [one] { $count } couldn’t be opened, perhaps it came incomplete: send it again, or else as JPEG, PNG, WebP, HEIC or AVIF
       *[other] { $count } couldn’t be opened, perhaps they came incomplete: send them again, or else as JPEG, PNG, WebP, HEIC or AVIF
    }
flaw-video =
    { $count ->
        [one] { $count } is a video: only photos count
       *[other] { $count } are videos: only photos count
    }
flaw-bomb =
    { $count ->
        [one] { $count } has impossibly many pixels: make it smaller first
       *[other] { $count } have impossibly many pixels: make them smaller first
    }
flaw-too_small =
    { $count ->
        [one] { $count } is too small: send the original, not a thumbnail
       *[other] { $count } are too small: send the originals, not thumbnails
    }
flaw-too_narrow =
    { $count ->
        [one] { $count } is a long strip: crop it to your face and shoulders
       *[other] { $count } are long strips: crop them to your face and shoulders
    }
flaw-too_large =
    { $count ->
        [one] { $count } is too large a file: compress it, or send it as a photo
       *[other] { $count } are too large as files: compress them, or send them as photos
    }
flaw-painted =
    { $count ->
        [one] { $count } is a picture made by AI, as its label says: send a photo that a camera took
       *[other] { $count } are pictures made by AI, as their labels say: send photos that a camera took
    }
flaw-no_face =
    { $count ->
        [one] { $count } shows no face I can see: choose one where yours is clear and uncovered
       *[other] { $count } show no face I can see: choose ones where yours is clear and uncovered
    }
flaw-several_faces =
    { $count ->
        [one] { $count } shows more than one person: crop it to you alone
       *[other] { $count } show more than one person: crop them to you alone
    }
flaw-face_too_small =
    { $count ->
        [one] { $count } has too small a face: come closer, or crop it
       *[other] { $count } have too small a face: come closer, or crop them
    }
flaw-covered =
    { $count ->
        [one] { $count } shows eyes or mouth covered: take off sunglasses or mask, with nothing in front of your face
       *[other] { $count } show eyes or mouth covered: take off sunglasses or mask, with nothing in front of your face
    }
flaw-blurred =
    { $count ->
        [one] { $count } is blurred: more light and a steady hand help
       *[other] { $count } are blurred: more light and a steady hand help
    }
flaw-duplicate =
    { $count ->
        [one] { $count } is the same as another, or nearly: try another angle or another day
       *[other] { $count } are the same as others, or nearly: try other angles or other days
    }
flaw-indecent =
    { $count ->
        [one] { $count } isn’t suitable: please be dressed
       *[other] { $count } aren’t suitable: please be dressed
    }
flaw-minor =
    { $count ->
        [one] { $count } looks like someone under age: I only take photos of adults
       *[other] { $count } look like someone under age: I only take photos of adults
    }
flaw-taken_out =
    { $count ->
        [one] { $count } was taken out by you
       *[other] { $count } were taken out by you
    }
flaw-surplus =
    { $count ->
        [one] { $count } wasn’t taken: { $maximum } at most
       *[other] { $count } weren’t taken: { $maximum } at most
    }

wish-front = one from the front
wish-profile_left = one in profile, facing left
wish-profile_right = one in profile, facing right
wish-close_up = a close-up of your face
wish-half_body = one from the waist up

photo-unreadable = I couldn’t open one of them.
photo-video = One of them is a video: I can only use photos.
photo-bomb = One has impossibly many pixels, so I didn’t open it.
photo-too-small = One is too small to see a face in.
photo-too-narrow = One is a long strip, in which a face is too small. Please crop it to your face and shoulders.
photo-painted = One carries a label that says AI made it, so it is a painted picture. Please send a photo of you that a camera took; a photo that was only retouched is fine.
photo-too-large = One is too large: I can take up to { $megabytes } MB.
photo-not-fetched = One photo didn’t come through, most likely because of the network. Please send it again.
photo-before-consent = I have neither opened nor kept this photo. First choose what it is for and say yes, then send it again.
photo-before-subject = Nearly there. I haven’t opened this one yet: choose below, then send it again.
photo-while-waiting = Your avatar is already being made, so I have no use for this photo and didn’t take it.
photo-in-studio = Your avatar is made and needs no more photos, so I didn’t take this one. To bring it alive, choose “Bring a photo alive”; for another avatar, “New avatar”.
photo-before-relation = I haven’t opened this photo yet. First choose who is in it, then send it again.
photo-while-erasing = You were about to erase everything, so I didn’t take this photo. Erase, or keep?

few-honest =
    To be honest: { $accepted } are usable. That works, but below { $asked } the likeness suffers a little, most of all from the side and in expressions. Send { $missing } more if you can, or go on with these.
few-button-go = That’s all, go to payment
photos-too-young = I only make avatars of adults, and many of these photos look like someone under age. We can go on once a member of staff has looked, or with photos of you as an adult. Nothing has been charged.
photos-stated-minor = I only make avatars of adults, and you said you’re under 18. We can go on only once a member of staff has looked. Nothing has been charged.

# What became of one photo, at that photo.
fate-one = 1
fate-rejected = Not counted: photo { $number } { $why }.
fate-checking = Photo { $number }: looking at it.
fate-accepted = Photo { $number } counts.
fate-held = I’m unsure about photo { $number }. A member of staff will look at it, and I’ll tell you.
fate-held-age = Photo { $number } waits for a member of staff, because of what you said about your age.
fate-taken-out = Photo { $number }: taken out by you.
fate-surplus = Photo { $number } wasn’t taken: I have as many as I can use.

# The album of usable photos, before paying.
faces-ask =
    { $count ->
        [one] Is this you? { $count } photo is usable; its number says when it came.
       *[other] Are these all you? { $count } photos are usable; the numbers say in which order they came.
    }
    If somebody else is among them, take that photo out before you pay. I’ve drawn this sheet just now and keep no copy. Where your chat lets me, I take it out again once you’ve paid or cancelled; otherwise it stays until you delete it.
faces-ask-typed =
    { $count ->
        [one] Is this you? { $count } photo is usable; its number says when it came.
       *[other] Are these all you? { $count } photos are usable; the numbers say in which order they came.
    }
    If somebody else is among them, write “take out 3 and 7” before you pay. I’ve drawn this sheet just now and keep no copy. Where your chat lets me, I take it out again once you’ve paid or cancelled; otherwise it stays until you delete it.
faces-pick = Which ones aren’t you? Choose their numbers below, or type them: “3, 7”. What you take out is erased at once.
faces-pick-typed = Which ones aren’t you? Write “take out 3 and 7”, with their numbers. What you take out is erased at once.
faces-alt =
    { $count ->
        [one] A numbered sheet of { $count } photo
       *[other] A numbered sheet of { $count } photos
    }
faces-button-out = Some aren’t me
faces-button-done = All of these are me
faces-button-compare = Compare them for me
faces-button-again = Compare again
faces-button-marked = Take out the marked ones
faces-button-rest = It’s the others that aren’t me
faces-button-keep = Keep them, all are me
faces-comparing = I’m comparing these photos with each other just now, and tell you then.
faces-alike = I’ve compared these photos with each other: none looks unlike the others to me. I may be wrong.
faces-marked =
    { $two ->
        [yes] These seem to be different people: photos { $numbers } look unlike the others to me, and are marked. Which of them is you, I can’t know: take out whoever isn’t.
       *[no] { $count ->
            [one] Photo { $numbers } looks unlike the others to me, and is marked; I may be wrong. Take it out?
           *[other] Photos { $numbers } look unlike the others to me, and are marked; I may be wrong. Take them out?
        }
    }
faces-unclear = No face to compare in: { $numbers }.
faces-left-out =
    { $count ->
        [one] { $count } of these hasn’t been compared yet.
       *[other] { $count } of these haven’t been compared yet.
    }
faces-taken =
    { $count ->
        [one] Photo { $numbers } is taken out, and its copy is being erased.
       *[other] Photos { $numbers } are taken out, and their copies are being erased.
    }
faces-turned =
    { $count ->
        [one] Photo { $numbers } didn’t stand upright: I’ve turned it.
       *[other] Photos { $numbers } didn’t stand upright: I’ve turned them.
    }
faces-unknown = None of the usable photos has that number.
ended-album = The sheet of your photos is gone.
ended-step = This step is over.
ended-taken = What you took out isn’t used.
