# The optional consent: comparing the first portraits with the photos while they are made.
compare-ask =
    An optional question: whatever you answer, or if you don’t, you get your portraits.
    In short: I would look once which of them are most like you, and keep nothing of you.

    Shall I compare your first portraits with your photos, to give you the ones most like you?

    It happens once, when your avatar is nearly done and before your photos are erased, in the memory of our own machine. What it measures of your face is neither stored nor passed on; only how like the portraits come out is counted, for five customers or more at once and without whose, so that we see whether our work gets worse. Later portraits aren’t compared. Portraits that aren’t like you enough are left out, and their credits come back. Without comparing I choose by sharpness and the like. Change your mind under /privacy at any time; your avatar stays either way.
compare-button-yes = Compare
compare-button-no = Don’t compare
compare-yes = All right: I’ll compare them once, and keep nothing of you. You can change your mind under /privacy.
compare-yes-later = All right, noted. It may be too late for an avatar already in the making; for your next one I’ll compare once, and keep nothing of you. You can change your mind under /privacy.
compare-no = All right, I won’t compare your portraits with your photos. You can change your mind under /privacy.
compare-off = Withdrawn: I don’t compare your portraits with your photos any more.
compare-off-begun = Withdrawn: I don’t compare your portraits with your photos any more. For the avatar now in the making, whatever was compared is thrown away, and I shoot the first portraits again without it.
compare-privacy-ask = Compare portraits and photos?
compare-privacy-off = Stop comparing portraits and photos
compare-revoke = Only stop comparing, keep my avatar

# The other: comparing the photos of an order with each other, before they are paid for.
compare-photos-ask =
    An optional question: whatever you answer, or if you don’t, everything else stays as it is.
    In short: I would look which of your photos are unlike the rest, and keep nothing else of it.

    Shall I compare the photos that you send for an avatar with each other, to mark those unlike the rest?

    It happens only when you ask for it, before you pay, in the memory of our own machine. What it measures of the faces is neither stored nor passed on. I keep which photos looked alike and which didn’t, as long as the photos and no longer. I only mark: you decide, and I may be wrong. Change your mind under /privacy at any time; the marks are erased then.
compare-photos-yes = All right, I’m comparing your photos with each other, and tell you then. What I measure of the faces isn’t kept.
compare-photos-noted = All right, noted. At the sheet of your photos, before you pay, you can ask me to compare them.
compare-photos-no = All right, I won’t compare your photos with each other. You can change your mind under /privacy.
compare-photos-off = Withdrawn: I don’t compare your photos with each other any more, and whatever I had marked is erased.
compare-photos-failed = I couldn’t compare your photos. Nothing has changed: look through them yourself, or let me try again.
ended-comparing =
    { $how ->
        [done] I’ve compared your photos.
       *[ended] I’m not comparing your photos just now.
    }
compare-photos-privacy-ask = Compare my photos with each other?
compare-photos-privacy-off = Stop comparing my photos
compare-photos-revoke = Only stop comparing my photos
