# A photo or a portrait comes alive: who is on it, the photo, how it moves, the clip.
alive-button = Bring a photo alive
alive-ask =
    Before a photo comes alive, one question: who is in it?

    · you yourself,
    · somebody living, who has agreed to this,
    · or somebody who has died and was close to you.
    With several people in it, that must hold for each of them. Adults only; if I’m unsure, a member of staff looks at this one photo.

    What happens to the photo: it is stored encrypted. I find the faces in memory to move them, and forget the points on them at once. An old photo is mended first. The photo and its key are erased when the clip is done, if it fails, if you change your mind, or after { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }.
    I move faces and the camera, nothing more: no voice, no words put into anybody’s mouth, no face swaps. The clip bears the “AI-generated” label; please leave it on.

    Your choice below is your consent to this. /revoke takes it back at any time: what isn’t finished stops, and the photo is erased.
alive-who-self = It’s me
alive-who-living = Somebody living, who agreed
alive-who-dead = Somebody who has died
alive-prompt = First choose who is in the photo. That choice is your consent.
alive-portrait-ask =
    Shall this portrait come alive? I find the face in memory to move it, and forget the points on it at once. I move the face and the camera, nothing more: no voice, no words put into your mouth. The clip bears the “AI-generated” label; please leave it on.

    Your yes is your consent to this. /revoke takes it back at any time.
alive-portrait-prompt = A yes or a no is all that’s missing before the portrait can move.
alive-portrait-yes = Yes, bring it alive
alive-button-leave = Never mind
alive-button-on = Go on with it
alive-send-self = Now send one photo of yourself. The face should be clear and look towards the camera. An old or scratched one is fine, and so is a group.
alive-send-living = Now send one photo of them. The face should be clear and look towards the camera. An old or scratched one is fine, and so is a group.
alive-send-dead = Now send one photo of them. The face should be clear and look towards the camera. If it’s an old print, photograph it straight from above, in even light; I take away the paper’s edge and straight scratches, but a jagged crack or a tear stays.
alive-prompt-photo = Send one photo, and it comes alive.
alive-looking = I’m looking at the photo. A few seconds.
alive-one-photo = One photo at a time: I took the first and haven’t opened this one.
alive-waits-photo = You were about to bring a photo alive: just send it.
alive-waits = A photo of yours is waiting to come alive. Choose how it shall move?
alive-left = Fine, nothing comes alive for now.
alive-left-photo =
    { $count ->
        [2] Fine. Both photos are being erased.
       *[other] Fine. The photo is being erased.
    }
alive-withdrawn =
    { $count ->
        [0] Your consent to bring pictures alive is withdrawn. There was nothing unfinished. Finished clips stay until you erase them.
       *[other] Your consent to bring pictures alive is withdrawn. What wasn’t finished has stopped, its photos are being erased, and held credits are back with you. Finished clips stay until you erase them.
    }
alive-revoke = Withdraw my consent to bring pictures alive
alive-which = Which one shall come alive? Count as in the album above.
alive-nothing = There is no photo waiting any more. Send one again, and it comes alive.

motions-ask = How shall it move? The letters are those in the moving samples.
motions-gift = This first clip is a gift.
motions-price =
    { $credits ->
        [one] The clip costs { $credits } credit; you have { $balance }.
       *[other] The clip costs { $credits } credits; you have { $balance }.
    }
motions-camera-only = { $why } So the face stays still; the camera can move, though.
motions-alt = Samples: every way to move, side by side

film-queued =
    “{ $motion }” { $ahead ->
        [halted] is in the queue.
        [0] is on its way.
        [one] is next, behind { $ahead } other.
       *[other] is queued behind { $ahead } others.
    } { $gift ->
        [yes] It’s a gift.
       *[no] { $credits ->
            [one] { $credits } credit is held for it.
           *[other] { $credits } credits are held for it.
        }
    }
ended-clip =
    { $how ->
        [done] This clip is done.
        [failed] This clip could not be made.
       *[cancelled] This clip was cancelled.
    }
ended-source =
    { $how ->
        [seen] I’ve looked at this photo.
       *[left] This photo was put aside.
    }
film-working = “{ $motion }” is coming alive: { $percent }.

source-ready =
    { $faces ->
        [0] This is the picture I’ll move.
        [one] This is the picture I’ll move, with one face in it.
       *[other] This is the picture I’ll move. { $faces } faces in it move together.
    }
source-mended = Before and after: { $done }.
source-mended-not = Cracks that aren’t straight, tears and missing pieces stay as they are.
source-alt-before = The photo as it came
source-alt-after = The photo as it will move
mended-turned = turned upright
mended-straightened = straightened
mended-cropped = cropped from its paper
mended-scratches = scratches softened
mended-noise = grain softened
mended-fading = faded tones brought back
mended-enlarged = enlarged
source-held = I’m not sure about this photo, so a member of staff will look at it first. I’ll tell you then; nothing has been charged.
source-refused = { $why } The photo has been erased, and nothing was charged.
source-unreadable = I can’t read this photo.
source-crowd = There are too many people in it for each to have agreed.
source-indecent = This photo isn’t decent enough for me to move.
source-minor = Somebody in it looks like a minor, and I only move pictures of adults.
source-photo-unreadable = I couldn’t open this photo.
source-photo-video = That is a video: I need a photo.
source-photo-bomb = It has impossibly many pixels, so I didn’t open it.
source-photo-too-small = It is too small to see a face in.
source-photo-too-narrow = It is a long strip, in which a face is too small. Please crop it to the face and shoulders.
source-photo-painted = It carries a label that says AI made it, so it is a painted picture. Please send a photo that a camera took; a photo that was only retouched is fine.
source-photo-too-large = It is too large: I can take up to { $megabytes } MB.
source-broken = Something went wrong on my side.
source-late = No machine was free to make it in time.
source-no_face = I find no face in it.
source-face_too_small = The face in it is too small to move well.
source-profile = The face looks too far to the side to move well.
source-covered = Something covers the eyes or the mouth.
source-face_cut_off = The edge of the picture cuts the face.
source-erased =
    { $count ->
        [2] Receipt of erasure: the two photos that were to come alive are gone, and their key is destroyed. Nobody can bring them back.
       *[other] Receipt of erasure: the photo that was to come alive is gone, and its key is destroyed. Nobody can bring it back.
    }

clip-ready = “{ $motion }”. It’s yours; please leave the “AI-generated” label on.
clip-ready-erased =
    “{ $motion }”. It’s yours; please leave the “AI-generated” label on. { $count ->
        [2] Receipt: the key of the two photos you sent is destroyed, and nobody can open them any more.
       *[other] Receipt: the key of the photo you sent is destroyed, and nobody can open the photo any more.
    }
clip-failed =
    I’m sorry, no clip came of it. { $why } { $back ->
        [gift] Your gift is still yours.
       *[credits] { $credits ->
            [one] { $credits } credit is back with you.
           *[other] { $credits } credits are back with you.
        }
    }
clip-stopped =
    “{ $motion }” is stopped; no clip will be made. { $back ->
        [gift] Your gift is still yours.
       *[credits] { $credits ->
            [one] The { $credits } credit is back with you.
           *[other] The { $credits } credits are back with you.
        }
    }
clip-stop-late = “{ $motion }” is being made already, so it can’t be stopped any more.
clip-photo-erased =
    { $count ->
        [2] Receipt: the key of the two photos you sent is destroyed, and nobody can open them any more.
       *[other] Receipt: the key of the photo you sent is destroyed, and nobody can open the photo any more.
    }
clip-button-again = Another motion
clip-button-photo = Another photo
clip-button-file = Original file
clip-button-file-pictures = Play it again
clip-button-share = Share
clip-file = The original file, with the “AI-generated” label that the law requires; please leave it on.
clip-file-pictures = The clip, with the “AI-generated” label that the law requires; please leave it on.
clip-alt = Clip: { $motion }
clip-none = There is no clip yet.
clip-in-album = It plays in your album: { $url }
clip-not-sent = The clip didn’t fit in here. Answer “{ $word }” to get it.
share-clip-caption = Brought alive by Eider · AI-generated

# Two pictures in one frame: who comes beside, their photo.
together-button = Together with somebody
together-begin = Two in one frame: first comes the picture of one. Once I’ve looked at it, choose “Together with somebody” and send the other.
together-button-alone = Rather alone
together-ask =
    Two in one frame, leaning towards each other: whoever is in this picture, and somebody from another photo. Who comes beside?

    The same holds as for the first: they are you, or agreed to this, or have died and were close to you; adults only. Their photo is looked at and mended, stored encrypted, and erased with its key when the clip is done, if it fails, if you change your mind, or after { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }. Each keeps their own face.

    Your choice below is your consent to this. /revoke takes it back at any time.
together-prompt = First choose who comes beside. That choice is your consent.
together-send-self = Now send the photo of yourself that comes beside. The face should be clear, look towards the camera, and have some room around it.
together-send-living = Now send the photo of whoever comes beside. The face should be clear, look towards the camera, and have some room around it.
together-send-dead = Now send the photo of whoever comes beside. The face should be clear, look towards the camera, and have some room around it. An old print is best photographed straight from above.
together-prompt-photo = Send the photo of whoever comes beside, or go on with the first alone.
together-ready = Both in one frame; their heads lean towards each other as they move.
together-alt = Both pictures in one frame
together-refused = { $why } Receipt: the key of that second photo is destroyed, and nobody can open it any more. The first is still here, and nothing was charged.
source-no_room_beside = The first picture leaves too little room around the face to set somebody beside it, so it moves alone.

# A clip that a video base generates, where the operator sells one.
generated-button = Generated instead
generated-ask = Here a video model draws every frame anew from your picture. It moves more, and parts are invented: the face, the hands and what is around may come out otherwise than they are. No voice, no words, and the “AI-generated” label stays. Choosing below is your consent to that for this picture.
generated-price =
    { $credits ->
        [one] A generated clip costs { $credits } credit; you have { $balance }. If none comes of it, all of that is back with you.
       *[other] A generated clip costs { $credits } credits; you have { $balance }. If none comes of it, all of them are back with you.
    }
generated-wait =
    { $known ->
        [no-worker] No machine is doing this right now, so I can’t say when it would be done.
        [no] I haven’t made enough of these lately to say how long one takes.
       *[yes] Ordered now, it is likely to take { $span }.
    }
generated-button-back = Move the picture itself
generated-on-the-way = It’s generated: parts of it will be invented.
generated-made = Generated: parts of it are invented.
