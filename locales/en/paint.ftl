# A picture in one's own words: what was heard, what was not, the price, the yes.
paint-button = Paint my words
paint-title = In your own words
paint-ask =
    Say in your own words what I shall paint: an expression, the light, a background, a style. Before anything costs, I tell you which of your words I know and which I don’t.

    What I heard is kept encrypted, so that you can have it painted again, until you erase everything at the latest; what you don’t order I forget within { $hours ->
        [one] an hour
       *[other] { $hours } hours
    }. Nothing naked, no minors, no violence, and nobody famous.
paint-prompt = Say what I shall paint, or take one of these.
paint-prompt-heard = I’m waiting for your yes. Or say it in other words.
paint-example-1 = smiling, in black and white
paint-example-2 = watercolour, blue background
paint-example-3 = thoughtful, in neon light
paint-example-4 = old photo, close-up
paint-of-you = It will be you, from your avatar.
paint-of-nobody = You have no avatar yet, so it will be somebody who doesn’t exist.
paint-heard = I know: { $words }.
paint-heard-whole = I take the whole sentence as you wrote it.
paint-unknown =
    { $count ->
        [one] I don’t know this, and leave it out: { $words }.
       *[other] I don’t know these, and leave them out: { $words }.
    }
paint-left-out =
    { $count ->
        [one] I can keep { $count } word in mind at once, so I leave out: { $words }.
       *[other] I can keep { $count } words in mind at once, so I leave out: { $words }.
    }
paint-price =
    { $credits ->
        [one] { $pictures } pictures cost { $credits } credit; you have { $balance }.
       *[other] { $pictures } pictures cost { $credits } credits; you have { $balance }.
    }
paint-button-order =
    { $credits ->
        [one] Paint it · { $credits } credit
       *[other] Paint it · { $credits } credits
    }
paint-button-other = Other words
paint-nothing =
    { $count ->
        [0] I heard nothing in it that I could paint. Nothing was charged.
        [one] I don’t know this yet: { $words }. So there is nothing to paint, and nothing was charged.
       *[other] I don’t know these yet: { $words }. So there is nothing to paint, and nothing was charged.
    }
paint-too-long = That is too much at once: I read { $most } signs at most. Say it shorter, so that I can tell you of every word whether I know it. Nothing was charged.
paint-blocked = I don’t paint that. { $why } Nothing was charged, and nothing of it is kept.
paint-blocked-sexual = My pictures show nothing naked and nothing sexual.
paint-blocked-minors = I paint adults only.
paint-blocked-violence = I paint no violence.
paint-blocked-hate = I paint nothing that stands for hatred or terror.
paint-blocked-deception = I paint nothing that is made to deceive: no documents, no uniforms.
paint-blocked-persons = I paint you, or somebody who doesn’t exist, but nobody famous: they haven’t agreed.
paint-terms-first = With pleasure. The terms first; then say once more what I shall paint, for I haven’t kept it.
paint-painted = This has been painted already; nothing more was charged. You can have another set of it.
paint-left = Fine, nothing is painted for now.
paint-left-words = Fine. I have forgotten your words, and nothing was charged.
paint-nobody-to-be-like = These pictures are of nobody, so there is nobody they could be more like. Nothing was charged.
portraits-nobody = { $style }. This person doesn’t exist.
photo-while-wishing = I’m waiting for words here, so I haven’t opened this photo.
command-paint = a picture in your own words
paint-then-moves =
    { $credits ->
        [one] First the pictures. Below them choose “Bring it alive”: the clip costs another { $credits } credit, unless it’s your gift.
       *[other] First the pictures. Below them choose “Bring it alive”: the clip costs another { $credits } credits, unless it’s your gift.
    }
