# The demo in the terminal: what stands between the bubbles.
demo-title = Eider · a customer's whole journey
demo-starting = Opening a studio of its own: store, web, courier and two workers…
demo-no-photos = There are no photos in { $folder }.
demo-failed = The journey broke off. What happened is in { $folder }.
demo-comparing = Painting the same templates and seeds without the LoRA, to compare…
demo-not-compared = The comparison could not be painted; { $file } says why.
demo-done = That was the journey
demo-looked = Looked: uploads and checkpoints left { $uploads }; the books sum to { $books }.
demo-saved = Portraits and { $sheet } are in { $folder }.
demo-open = The studio stays open. Try it with your own photos: { $address }
demo-stop = Ctrl-C closes it.
demo-sheet-photos = Sent by the customer (some of them)
demo-sheet-portraits = Portraits
demo-sheet-expressions = Another expression
demo-sheet-liker = More like me
demo-sheet-base = The same, without the customer's LoRA
