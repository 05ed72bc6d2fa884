# The studio: styles, portraits, more like me, more beautiful, the avatar.
studio =
    { $cost ->
        [one] Your avatar is ready. What shall we shoot? A set of { $portraits } portraits costs { $cost } credit; you have { $balance }.
       *[other] Your avatar is ready. What shall we shoot? A set of { $portraits } portraits costs { $cost } credits; you have { $balance }.
    }
studio-prompt = Choose another style, or give the last set another expression, or make it more like you or more beautiful.
studio-button-styles = Styles
studio-button-avatar = My avatar
studio-button-credits = Credits
studio-button-new = New avatar

styles-page =
    { $cost ->
        [one] Styles, page { $page } of { $pages }. Choosing one takes the set, { $cost } credit each:
       *[other] Styles, page { $page } of { $pages }. Choosing one takes the set, { $cost } credits each:
    }
styles-not-shown =
    Not yet: these need a larger image model than mine, which can’t do them justice: { $names }. I don’t sell what I can’t do well.
firsts-page = Which style for your first portraits? (Page { $page } of { $pages }.) All are included in the price:
first-chosen = “{ $style }” it is, for your first portraits.
first-not-shown = “{ $style }” needs a larger image model than mine, which can’t do it justice. Please choose another for your first portraits.
first-not-suited = “{ $style }” doesn’t go with your choice of woman, man or neither. Please choose another for your first portraits.
first-button-others = Change the first style
style-button-shoot =
    { $cost ->
        [one] Shoot this set · { $cost } credit
       *[other] Shoot this set · { $cost } credits
    }
styles-button-next = Next
styles-button-previous = Previous
style-not-shown =
    “{ $style }” needs a larger image model than mine. I can’t do it justice, so I won’t take your credits for it. Try another?

shoot-queued =
    { $ahead ->
        [halted] “{ $style }” is in the queue. Credits held: { $credits }; left: { $balance }.
        [0] “{ $style }” is on. Credits held: { $credits }; left: { $balance }.
        [one] “{ $style }” is queued behind { $ahead } set. Credits held: { $credits }; left: { $balance }.
       *[other] “{ $style }” is queued behind { $ahead } sets. Credits held: { $credits }; left: { $balance }.
    }
ended-shoot =
    { $how ->
        [done] These portraits are done.
        [failed] These portraits could not be made.
       *[cancelled] These portraits were cancelled.
    }
shoot-working = Shooting “{ $style }”: { $percent }.
shoot-offer =
    { $cost ->
        [one] Another set of “{ $style }”, { $portraits } portraits, costs { $cost } credit; you have { $balance }. Shall I?
       *[other] Another set of “{ $style }”, { $portraits } portraits, costs { $cost } credits; you have { $balance }. Shall I?
    }
shoot-already = This set of “{ $style }” is being made already. Wait for it, then choose again; nothing extra was charged.
shoot-one-expression = “{ $style }” is painted with one expression only, so there is no other to choose. Nothing was charged.
shoot-liker = Done: strength { $strength_before } → { $strength } of { $top }, retouching { $beauty_before } → { $beauty }, and I’ll remember it.
shoot-fairer = Done: retouching { $beauty_before } → { $beauty }, strength { $strength_before } → { $strength } of { $top }, and I’ll remember it.
# Below portraits: what a button does to both numbers.
shoot-next = “{ $label }” next: strength { $strength } of { $top }, retouching { $beauty }.
shoot-expression =
    Next, { $expression ->
        [neutral] a calm face.
        [smile] a smile.
       *[soft_smile] a soft smile.
    }

portraits = { $style }. Strength { $strength } of { $top }, retouching { $beauty }.
portraits-first =
    Your first portraits: { $style }. Your avatar at strength { $strength } of { $top }, retouched a little ({ $beauty }). Not quite you? Choose “More like me”, as often as you like until the top; “More beautiful” retouches more.
portraits-fewer =
    { $credits ->
        [one] I’m sorry: of the { $asked } portraits in this set only { $came } passed my own check, and I don’t hand out the rest. For those, { $credits } credit is back with you.
       *[other] I’m sorry: of the { $asked } portraits in this set only { $came } passed my own check, and I don’t hand out the rest. For those, { $credits } credits are back with you.
    }
portraits-button-more = More like me
portraits-button-fairer = More beautiful
portraits-button-again = Another set
portraits-button-expression = Another expression
button-cost =
    { $cost ->
        [one] { $label } · { $cost } credit
       *[other] { $label } · { $cost } credits
    }
portraits-button-styles = Other style
portraits-button-originals = Original files
portraits-button-originals-pictures = See the set again
portraits-button-alive = Bring it alive
portraits-button-share = Share
portraits-button-avatar = My avatar
portraits-button-album = Open my album
portraits-alt = { $style }, picture { $number }
originals = The original files, { $width } × { $height } pixels, with the “AI-generated” label that the law requires; please leave it on. They are yours.
originals-pictures = The set, { $width } × { $height } pixels, with the “AI-generated” label that the law requires; please leave it on. The portraits are yours.
album-link = All portraits and original files are in your album: { $url }
album-more = { $count } more didn’t fit in here. Answer “{ $word }” to see the whole set.
album-rest =
    { $count ->
        [one] { $count } more wasn’t sent here; it is in the album.
       *[other] { $count } more weren’t sent here; they are in the album.
    }
sets-last = The choices below are about the last of these sets.
pictures-missing = Pictures can’t be sent right now. Please try again in a little while.
originals-none = There are no portraits to download yet.
preview-alt = Sample: { $style }

avatar-card =
    Your digital avatar
    Made on: { $day }
    Learned in { $steps } steps, taking { $span }
    Strength: { $strength } of { $top } (a setting: how much of the avatar goes into a portrait)
    Retouching: { $beauty }
    Portraits so far: { $portraits }
avatar-none = You have no avatar yet. It begins with photos; I’ll walk you through.
new-ask =
    A new avatar means new photos and another { $price }. The one you have stays until the new one is ready.
new-button-yes = Yes, start over
new-already = You already have an order under way. Finish or cancel that one first.
