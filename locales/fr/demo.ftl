# La démonstration dans le terminal : ce qui se trouve entre les bulles.
demo-title = Eider · le parcours complet d’un client
demo-starting = Ouverture d’un studio tout neuf : stockage, web, coursier et deux ateliers…
demo-no-photos = Il n’y a pas de photos dans { $folder }.
demo-failed = Le parcours s’est interrompu. Ce qui s’est passé est dans { $folder }.
demo-comparing = Les mêmes modèles et graines, peints sans le LoRA, pour comparer…
demo-not-compared = La comparaison n’a pas pu être peinte ; { $file } dit pourquoi.
demo-done = Fin du parcours
demo-looked = Vérifié : photos et points de reprise restants { $uploads } ; les comptes font { $books }.
demo-saved = Les portraits et { $sheet } sont dans { $folder }.
demo-open = Le studio reste ouvert. Essayez avec vos propres photos : { $address }
demo-stop = Ctrl-C le ferme.
demo-sheet-photos = Envoyées par le client (extrait)
demo-sheet-portraits = Portraits
demo-sheet-expressions = Autre expression
demo-sheet-liker = Plus ressemblant
demo-sheet-base = Les mêmes, sans le LoRA du client
