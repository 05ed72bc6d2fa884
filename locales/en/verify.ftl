# /verify: what a file's labels prove, in a chat, at the page /verify and on the command line.
verify-ask =
    Send me a picture or a clip and I’ll tell you whether it comes from me and whether it was changed since. I read its labels, look at nothing else and keep nothing.

    Please send it as a file, not as a photo or a video: chats re-encode those, and the labels are lost.
verify-ask-pictures =
    Send me a picture and I’ll tell you whether it comes from me and whether it was changed since. I read its labels, look at nothing else and keep nothing.

    This chat re-encodes photos, and mostly the labels are lost. If you have the original file, check it here: { $page }
verify-button-again = Check another file

verify-ours = Yes: this file is ours. Neither what it shows nor anything that its labels say has been changed since we handed it out.
verify-changed = This file bears a label of ours, but the label does not fit it: either the file was changed after we signed it, or the label was taken from another file of ours. So nothing is proven about what you see.
verify-made-for = The label was made for:
verify-claimed = This file says that it is ours, but no signature of ours proves it. Anybody can write such a label, so take it for what it is: a claim.
verify-others = This file has a label, but not one of ours. I can’t say whether it tells the truth.
verify-none =
    No label that I can read. That proves nothing: chats strip labels when they compress photos and videos, and anybody can remove them. The file may be ours or not.
verify-states-painted = Its label states: made by AI.
verify-states-retouched = Its label states: something real, changed with AI.
verify-kind-portrait = a portrait from our studio
verify-kind-sample = a sample from an avatar in training
verify-kind-preview = the sample picture of a style
verify-kind-sheet = a contact sheet
verify-kind-clip = a clip from our studio
verify-kind-poster = a still from a clip of our studio
verify-kind-together = two pictures that our studio put into one frame
verify-painted = painted by Eider: made by AI, all of it
verify-retouched = retouched by Eider: AI made a part of it
verify-moved = brought alive by Eider: a real photo, whose movement no camera filmed
verify-day = made on { $day }
verify-whose = I don’t tell anybody whose it is.
verify-unreadable = I can’t read that file. I check JPEG, PNG, WebP, AVIF and HEIC pictures, and MP4 and MOV clips.
verify-too-large = That file is too large: I can check up to { $megabytes } MB.

verify-page-title = Is this picture or clip from Eider?
verify-page-about = Choose the file as you got it. I read its labels and say whether it is ours and whether it was changed since. It is not kept, and I don’t tell anybody whose it is.
verify-page-choose = Picture or clip
verify-page-button = Check
verify-page-busy = Checking …
verify-page-trouble = That didn’t work just now. Please try again in a moment.
verify-page-wait = Too many files for now. Please try again in { $wait }.
