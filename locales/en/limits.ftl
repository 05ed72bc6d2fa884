# Somebody asked for more than the limits at the door allow: what was not taken, and for how long.
limit-updates = That was more than I can follow: I didn’t read this message, and won’t read any for { $wait }. Please send it again after that. Paying, /cancel and /erase still work.
limit-rights = You’ve asked for that very often. I’ll answer again in { $wait }; waiting loses nothing.
limit-photos = That’s as many photos as I can look at for now. I didn’t take this one, and won’t take any for { $wait }. Please send it, and those that came after it, again then.

# The same in the browser, which keeps what was not taken.
limit-kept = That was more than I can follow. Nothing is lost: you can send it again in { $wait }. Paying, /cancel and /erase still work.
limit-kept-photos = That’s as many photos as I can look at for now. The rest are kept on this page, which sends them by itself in { $wait }: just leave it open.
limit-new-people = More new people have come from your network than I can welcome at once. Nothing is lost: you can go on in { $wait }.
limit-pages = This page has been opened very often from here. Please try again in { $wait }.

error-too-many-orders = You’ve begun more orders today than I can take. You can begin the next one in { $wait }. Nothing was charged.
error-too-many-bills = You’ve asked for a great many bills. I’ll show you this one again in { $wait }. Nothing was charged, and a bill that you already have can be paid.
