# The first words, the language, the help, and what is said to odd input.
welcome =
    For { $price }, once, I turn { $asked } of your photos into a digital avatar that is yours alone, then make studio portraits that look like you. I’m Eider, a studio inside this chat. 🪶
welcome-safe = If it doesn’t work out, you get everything back without asking.
welcome-samples = Samples, painted by AI: these people don’t exist.
welcome-wait =
    { $known ->
        [no-worker] No machine is at work right now, so I can’t say when your avatar would be ready.
        [no] I can’t say yet how long it takes. I’ll tell you as soon as I know.
       *[yes] Paid now, your avatar is likely to be ready in { $span }.
    }
welcome-closed =
    { $why ->
        [away] I’m Eider, a studio inside this chat. 🪶 I turn photos into a digital avatar, and that into studio portraits. The machines that do it are away for the moment, so I take no new orders until they are back.
        [queue] I’m Eider, a studio inside this chat. 🪶 I turn photos into a digital avatar, and that into studio portraits. So many are waiting just now that I take no new orders for a while.
       *[paused] I’m Eider, a studio inside this chat. 🪶 I turn photos into a digital avatar, and that into studio portraits. I’m not taking new orders at the moment.
    }
welcome-clip =
    { $gift ->
        [yes] Or a photo comes alive: grandmother smiles, and nods. Your first clip is a gift.
       *[no] { $credits ->
            [one] Or a photo comes alive: grandmother smiles, and nods. A clip costs { $credits } credit.
           *[other] Or a photo comes alive: grandmother smiles, and nods. A clip costs { $credits } credits.
        }
    }
welcome-how = How it goes: see what happens to your photos, say yes, and send them. What I make arrives right here.
welcome-again = What shall it be: bring a photo alive, or make studio portraits from an avatar of yours?
welcome-button-begin = Portraits of me
welcome-button-language = Language · 语言
welcome-prompt = To begin, press the button below or type “start”.
welcome-prompt-typed = To begin, answer with a number, or type “start”.

language-ask = Which language shall we speak?
language-set = All right, English it is.

help =
    I’m Eider. I bring photos alive, turn your photos into a digital avatar, and the avatar into studio portraits.

    Buttons and words both work. These work at any time:
    { $commands }

    If you get stuck, type “continue” and we’ll pick up where you were. For payment trouble, type /paysupport.
help-typed =
    I’m Eider. I bring photos alive, turn your photos into a digital avatar, and the avatar into studio portraits.

    Where choices are numbered, answer with the number. These words work at any time:
    { $commands }

    If you get stuck, type “continue” and we go on from where we were. If a payment went wrong, send /paysupport.

# One line each, behind the command's name; also the platform's menu.
command-start = go on from where you are
command-help = what I can do
command-alive = bring a photo alive
command-styles = choose a style and get portraits
command-avatar = my digital avatar
command-credits = credits and top-ups
command-invite = invite a friend
command-orders = my orders
command-cancel = cancel or get a refund
command-mydata = what is stored about me
command-erase = erase everything about me
command-revoke = withdraw consent for my photos
command-terms = what happens to my photos
command-privacy = privacy notice
command-language = change language
command-verify = check whether a picture is ours
command-support = ask a person of the studio
command-paysupport = help with a payment

button-where = Continue
button-help = Help
button-back = Back

# Odd input: first what it was, then (from the state) what to do now.
odd-text = I didn’t understand that, but no harm done.
odd-button = That choice is out of date. This is where things stand:
odd-number = No choice has that number. This is where things stand:
odd-sticker = Nice sticker! Photos are all I can really look at, though.
odd-voice = I can’t listen to voice messages. Typing or pressing a button works.
odd-voice-typed = I can’t listen to voice messages. Typing works.
odd-video = I can’t use videos, only photos.
odd-file = I can’t open that file. Please send photos as JPEG, PNG, WebP, HEIC or AVIF.
odd-file-pictures = I can’t fetch files here. Send it as a photo instead: choose it from your album, in full size.
odd-place = I have no use for a location and haven’t kept it.
odd-other = I don’t know what to do with that yet.
back-again = Welcome back.

# The menu that an account has beside the chat: three groups, and what is in them. WeChat: at most
# 16 bytes for a group, 60 for the rest.
menu-shoot = Portraits
menu-mine = My studio
menu-help = Help
menu-where = Start / continue
menu-styles = Styles
menu-avatar = My avatar
menu-alive = Bring a photo alive
menu-invite = Invite a friend
menu-progress = Progress
menu-credits = Credits
menu-orders = My orders
menu-mydata = My data
menu-language = Language
menu-how = How it works
menu-paysupport = Payment problem
menu-cancel = Cancel / refund
menu-verify = Verify a picture
menu-erase = Erase everything
