{{/* The work that the chats sell, as JSON: `does`, with which `base`, as which `setting` says, done by which `roles`. */}}
{{- define "eider.works" -}}
{{- $chat := merge (dict) .Values.settings.chat .Values.settings.house }}
{{- $works := list (dict "does" "trains" "setting" "EIDER_BASE" "base" $chat.EIDER_BASE "roles" (list "studio" "train")) }}
{{- $works = append $works (dict "does" "paints" "setting" "EIDER_BASE" "base" $chat.EIDER_BASE "roles" (list "studio" "paint")) }}
{{- with $chat.EIDER_VIDEO_BASE }}
{{- $works = append $works (dict "does" "generates clips" "setting" "EIDER_VIDEO_BASE" "base" . "roles" (list "studio" "video")) }}
{{- end }}
{{- dict "works" $works | toJson }}
{{- end }}

{{/* Whether `fleet` does `work`. */}}
{{- define "eider.does" -}}
{{- $bases := include "eider.bases" .fleet | splitList "," }}
{{- $loads := or (eq .work.setting "EIDER_BASE") (eq .work.base .fleet.generates) }}
{{- if and $loads (has .fleet.role .work.roles) (or .fleet.everyBase (has .work.base $bases)) }}yes{{ end }}
{{- end }}

{{/* Whether studios come when something is owed and not before: KEDA is on, and of what is sold and a sale waits for,
training and generated clips, every fleet that does one of them is scaled to none. With `warm` those aside that have
hours of their own. */}}
{{- define "eider.comes-when-owed" -}}
{{- $warm := .warm }}
{{- $fleets := include "eider.fleets" .root | fromJson }}
{{- if and .root.Values.keda.enabled $fleets }}
{{- range $work := (include "eider.works" .root | fromJson).works }}
{{- $there := eq $work.does "paints" }}
{{- range $fleet := $fleets }}
{{- if and (or $fleet.min (and $warm $fleet.warm)) (include "eider.does" (dict "fleet" $fleet "work" $work)) }}{{ $there = true }}{{ end }}
{{- end }}
{{- if not $there }}yes{{ end }}
{{- end }}
{{- end }}
{{- end }}
